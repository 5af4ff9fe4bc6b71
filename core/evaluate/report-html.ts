/**
 * A report as one self-contained HTML page: no script, no font, no address but the links to articles.
 * Knows its form; the words, figures and plots come from elsewhere.
 */
import type { Chart } from './charts.ts';
import type { Report, Shown, Side } from './report.ts';
import { type Table, tablesOf } from './report-tables.ts';
import { count, READING, splitLines, summaryLines } from './report-text.ts';

const STYLE = `
:root { color-scheme: light; --line: #d8d8d8; --soft: #5a5a5a; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; color: #1b1b1b; background: #fff;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .4rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; }
p, ul { max-width: 46rem; }
.about, figcaption { color: var(--soft); font-size: .92rem; max-width: 46rem; margin: .3rem 0 .8rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem .35rem 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; vertical-align: bottom; }
.plans td:last-child, .loose td { white-space: normal; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 31rem), 1fr)); gap: 1.5rem 2.5rem; }
figure { margin: 0; min-width: 0; }
figure h3 { margin-top: .5rem; }
figure svg { width: 100%; height: auto; }
.shown { border-left: 3px solid var(--line); padding: .1rem 0 .1rem 1rem; margin: 0 0 1.2rem; max-width: 60rem; }
.shown p { margin: .2rem 0; max-width: none; }
.shown .q { font-weight: 600; }
.shown .side { font-size: .92rem; }
.rank { display: inline-block; min-width: 8.5rem; font-weight: 600; }
.excerpt { color: var(--soft); }
a { color: #0b5cad; }
@media print { .charts { grid-template-columns: 1fr; } }
`;

export function htmlReport(report: Report, charts: Chart[]): string {
  const { evaluation, differ, missed, missedCount } = report;
  const title = `Evaluation: ${evaluation.set} over ${evaluation.build}`;
  const shownOf = (heading: string, list: Shown[]) =>
    list.length === 0 ? '' : `<h3>${escaped(heading)}</h3>\n${list.map(shownHtml).join('\n')}`;
  const [first, ...tables] = tablesOf(evaluation);
  const body = [
    `<h1>${escaped(title)}</h1>`,
    ...summaryLines(evaluation).map((line) => `<p>${escaped(line)}</p>`),
    first === undefined ? '' : tableHtml(first),
    `<h2>At a glance</h2>\n<div class="charts">\n${charts.map(chartHtml).join('\n')}\n</div>`,
    '<h2>How the data were used</h2>',
    `<ul>${splitLines(evaluation)
      .map((line) => `<li>${escaped(line)}</li>`)
      .join('')}</ul>`,
    ...tables.map(tableHtml),
    ...(differ.some(({ questions }) => questions.length > 0)
      ? [
          `<h2>Questions at which methods differ most</h2>\n<p class="about">${READING.differ}</p>`,
          ...differ.map((pair) => shownOf(`${pair.first} and ${pair.second}`, pair.questions)),
        ]
      : []),
    ...(missed.length > 0
      ? [
          `<h2>What no method finds</h2>\n<p class="about">${READING.missed} ${count(missedCount, 'question')}${missedCount > missed.length ? `, of which ${missed.length} are shown` : ''}.</p>`,
          ...missed.map(shownHtml),
        ]
      : []),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body.filter((part) => part !== '').join('\n')}
</body>
</html>
`;
}

function tableHtml({ title, about, heading, rows }: Table): string {
  const cells = (tag: 'th' | 'td', row: string[]) =>
    row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('');
  const kind = title === 'Plans' ? 'plans' : '';
  return `<h2>${escaped(title)}</h2>
<p class="about">${escaped(about)}</p>
<div class="wide"><table class="${kind}"><thead><tr>${cells('th', heading)}</tr></thead>
<tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}</tbody></table></div>`;
}

function chartHtml({ title, about, svg }: Chart): string {
  const named = svg.replace('<svg ', `<svg role="img" aria-label="${escaped(title)}" `);
  return `<figure><h3>${escaped(title)}</h3>\n${named}\n<figcaption>${escaped(about)}</figcaption></figure>`;
}

function shownHtml({ question, answers, goldTitle, shows, sides }: Shown): string {
  const wanted = [answers.join(' / '), goldTitle].filter(Boolean).join(', in ');
  return `<div class="shown"><p class="q">${escaped(question)}</p>
<p class="side">Wanted: ${escaped(wanted) || 'an article that was judged relevant'}</p>
${shows === undefined ? '' : `<p class="side">${escaped(shows)}</p>`}
${sides.map(sideHtml).join('\n')}</div>`;
}

function sideHtml({ method, rank, top }: Side): string {
  const place = rank === undefined ? 'none right' : `right at ${rank}`;
  if (top === undefined)
    return `<p class="side"><span class="rank">${escaped(method)}: ${place}</span> found nothing</p>`;
  const name = escaped([top.title, top.section].filter(Boolean).join(' › '));
  const linked = /^https?:\/\//.test(top.url)
    ? `<a href="${escaped(top.url)}" rel="noreferrer">${name}</a>`
    : name;
  return `<p class="side"><span class="rank">${escaped(method)}: ${place}</span> first: ${linked} <span class="excerpt">${escaped(top.excerpt)}</span></p>`;
}

/** Escapes text of articles and questions, whatever it contains. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
