/**
 * Sets up the wikitext parser: adds templates it does not know that stand for words of a sentence, and replaces those
 * whose text would depend on the day of the build.
 */
import wtf from 'wtf_wikipedia';

type Parse = (template: string, names: string[]) => Record<string, string | undefined> & { list?: string[] };
type Template = (template: string, list: unknown, parse: Parse) => string;

/** A template that stands for its first parameter, named or unnamed. */
const first =
  (name: string): Template =>
  (template, _, parse) =>
    parse(template, [name])[name] ?? '';
const all =
  (separator: string): Template =>
  (template, _, parse) =>
    (parse(template, []).list ?? []).join(separator);
const text =
  (words: string): Template =>
  () =>
    words;

/** "15|–|17|in|cm" is "15–17 in": the numbers as written and their unit, without the conversion. */
const convert: Template = (template, _, parse) => {
  const { list = [] } = parse(template, []);
  const unitAt = list.findIndex((part) => !/^[\d.,−+/ ⁄-]+$/.test(part) && !BETWEEN_NUMBERS.test(part));
  const numbers = list.slice(0, unitAt < 0 ? list.length : unitAt);
  const amount = numbers
    .map((part) => (/^[a-z×±]/i.test(part) ? ` ${part} ` : part === '-' ? '–' : part))
    .join('');
  return [amount, list[unitAt] ?? ''].join(' ').trim();
};
const BETWEEN_NUMBERS = /^(?:-|–|—|to|and|or|by|x|×|\+\/-|±|to\(-\)|and\(-\))$/;

const TEMPLATES: Record<string, Template> = {
  // A number with its power of ten and unit.
  val: (template, _, parse) => {
    const { number = '', uncertainty, e, u, ul, p = '' } = parse(template, ['number', 'uncertainty']);
    const value = `${p}${number}${uncertainty ? `±${uncertainty}` : ''}${e ? `×10^${e}` : ''}`;
    return [value, u ?? ul].filter(Boolean).join(' ');
  },
  e: (template, _, parse) => `×10^${parse(template, ['power']).power ?? ''}`,
  convert,
  cvt: convert,
  math: first('formula'),
  mvar: first('formula'),
  chem: all(''),
  nts: first('number'),
  sc: first('words'),
  railgauge: first('gauge'),
  'track gauge': first('gauge'),
  keypress: all('+'),
  linktext: all(''),
  script: (template, _, parse) => parse(template, ['script', 'words']).words ?? '',
  'native name': (template, _, parse) => parse(template, ['language', 'words']).words ?? '',
  nastaliq: first('words'),
  simplenuclide: all('-'),
  simplenuclide2: all('-'),
  nuclide: all('-'),
  nuclide2: all('-'),
  nbsp: text(' '),
  thinsp: text(' '),
  "'s": text("'s"),
  // German Wikipedia's foreign words: {{enS|Cologne}}.
  ...Object.fromEntries(
    'ar cs da el en es fr grc he hu it ja la nl pl pt ro ru sv tr uk zh'
      .split(' ')
      .map((code) => [`${code}s`, first('words')]),
  ),
  // Coordinates are no part of a sentence.
  coord: text(''),
  // What the parser would work out from today's date.
  'birth year and age': first('year'),
  ...Object.fromEntries(
    [
      ...[
        'currentday',
        'currentdayname',
        'currentmonth',
        'currentyear',
        'monthyear',
        'monthyear-1',
        'monthyear+1',
      ],
      ...[
        'time ago',
        'age',
        'age in years',
        'age in days',
        'age in months',
        'age nts',
        'age in years and days',
      ],
      ...['age in years and months', 'age in years, months and days', 'age in years, months, weeks and days'],
      ...['age in years, weeks and days', 'age as of date', 'birth based on age as of date'],
    ].map((name) => [name, text('')]),
  ),
};

wtf.extend((_models: unknown, templates: Record<string, unknown>) => Object.assign(templates, TEMPLATES));

/** The part of the parser's result that is used here. */
export interface ParsedWikitext {
  sections(): {
    infoboxes(): { keyValue(): Record<string, string> }[];
    paragraphs(): { sentences(): { text(): string }[]; lists(): { lines(): { text(): string }[] }[] }[];
  }[];
}

/** Parses wikitext without headings. May throw on markup that is not wikitext; takes up to quadratic time. */
export function parseWikitext(wikitext: string): ParsedWikitext {
  return wtf(wikitext) as unknown as ParsedWikitext;
}
