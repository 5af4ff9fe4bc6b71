/** What a benchmark gives back: tables that print as Markdown and keep as JSON. */
export interface Table {
  name: string;
  rows: Record<string, string | number>[];
}

/** The table as Markdown, its columns in the order of the first row. */
export function markdown({ name, rows }: Table): string {
  const columns = Object.keys(rows[0] ?? {});
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  const body = rows.map((row) => line(columns.map((column) => row[column] ?? '')));
  return [`### ${name}`, '', line(columns), line(columns.map(() => '---')), ...body, ''].join('\n');
}
