/**
 * A report as Markdown. Knows its form; the words and figures come from elsewhere.
 */
import type { Report, Shown } from './report.ts';
import { tablesOf } from './report-tables.ts';
import { count, READING, splitLines, summaryLines } from './report-text.ts';

export function markdownReport(report: Report): string {
  const { evaluation, overlaps, differ, missed, missedCount } = report;
  const parts = [
    `# Evaluation: ${escaped(evaluation.set)} over ${escaped(evaluation.build)}`,
    summaryLines(evaluation).map(escaped).join('\n\n'),
    '## How the data were used',
    splitLines(evaluation)
      .map((line) => `- ${escaped(line)}`)
      .join('\n'),
    ...tablesOf(evaluation).flatMap(({ title, about, heading, rows }) => [
      `## ${title}`,
      escaped(about),
      table(heading, rows),
    ]),
  ];
  if (overlaps.length > 0)
    parts.push(
      '## Where methods disagree',
      READING.overlap,
      table(
        ['first', 'second', 'both right', 'first alone', 'second alone', 'neither'],
        overlaps.map(({ first, second, both, firstOnly, secondOnly, neither }) => [
          ...[first, second],
          ...[both, firstOnly, secondOnly, neither].map(String),
        ]),
      ),
      READING.differ,
      ...differ.flatMap(({ first, second, questions }) => [
        `### ${escaped(first)} and ${escaped(second)}`,
        questions.map(shownText).join('\n') || 'They agree about every question.',
      ]),
    );
  if (missed.length > 0)
    parts.push(
      '## What no method finds',
      `${READING.missed} ${count(missedCount, 'question')}${missedCount > missed.length ? `, of which ${missed.length} are shown` : ''}.`,
      missed.map(shownText).join('\n'),
    );
  return `${parts.join('\n\n')}\n`;
}

function shownText({ question, answers, goldTitle, shows, sides }: Shown): string {
  const wanted = [answers.join(' / '), goldTitle].filter(Boolean).join(', in ');
  const lines = sides.map(({ method, rank, top }) => {
    const place = rank === undefined ? 'no right passage' : `right at ${rank}`;
    return `  - ${escaped(method)}: ${place}; first: ${top === undefined ? 'nothing' : placeOf(top)}`;
  });
  const about = shows === undefined ? [] : [`  - ${escaped(shows)}`];
  return [`- **${escaped(question)}** (${escaped(wanted) || 'by judged articles'})`, ...about, ...lines].join(
    '\n',
  );
}

function placeOf({ title, section, url }: { title: string; section: string; url: string }): string {
  const name = escaped([title, section].filter(Boolean).join(' › '));
  return /^https?:\/\//.test(url) ? `[${name}](<${url.replace(/[<>\s]/g, encodeURIComponent)}>)` : name;
}

function table(heading: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')).replaceAll('\\', ''), ...rows.map(line)].join('\n');
}

/** Escapes text of articles and questions, whatever it contains. */
function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#]/g, '\\$&');
}
