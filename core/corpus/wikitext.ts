/**
 * Articles from wikitext: sections, paragraphs, lists and the facts of the infobox, as clean prose.
 * Knows the outline of a page; the parser knows its templates and links.
 */
import { decodeHTMLStrict } from 'entities';
import type { Article } from '../types.ts';
import { isBackMatter } from './back-matter.ts';
import { strippedMarkup, unclosed, withoutFurniture } from './markup.ts';
import { articleFromParagraphs, type Paragraph, tidy } from './paragraphs.ts';
import { type ParsedWikitext, parseWikitext } from './wikitext-parser.ts';

export interface WikitextPage {
  id: string;
  title: string;
  revision?: string;
  url: string;
  language: string;
  wikitext: string;
}

interface Section {
  path: string[];
  body: string;
}

/** MediaWiki itself stores no longer pages; anything beyond is left out. */
const MOST_WIKITEXT = 2 * 1024 * 1024;
/** Characters given to the parser at once: its time is quadratic. */
const PIECE = { wanted: 4_000, long: 10_000, most: 24_000, unclosedBrackets: 20 };
const HEADING = /^(={2,6})[ \t]*([^\n]{1,300}?)[ \t]*\1[ \t]*$/gm;
const INFOBOX = 'Infobox';
const FACTS = { fewest: 2, most: 40, longestValue: 300, longestKey: 40 };
const NO_FACT =
  /image|img|photo|bild|foto|karte|caption|alt$|logo|flag|seal|coat|emblem|shield|map|pushpin|width|size|colou?r|style|align|signature|website|homepage|\burl|lat|long|coord|module|embed|footnote|\bref|_ref|note|class|padding|label|type$|^name$|^title$|icon|emoji|file|audio|sound|video|template|display|position$|module|child|header|above|below|commons|wikidata|isbn|oclc|dewey|congress|mesh|omim|medline|emedicine|diseasesdb|genereview|pixels|iso\d|status.system|cianame/i;
const NO_VALUE =
  /[{}|<>]|\[\[|^(?:yes|no|left|right|center|n\/a)$|https?:|^www\.|^[\dx]+ ?px$|\.(?:jpe?g|png|svg|gif|tiff?|webp|ogg|ogv|webm)\b/i;
/** The parser turns an ideographic full stop into a Latin one; a private-use character passes through unchanged. */
const IDEOGRAPHIC_STOP = ['。', '\uE000'] as const;

/**
 * The article in a page's wikitext; undefined where nothing of it is prose. Templates, tables, references, galleries, captions and
 * categories are left out, words of inline templates and lists stay; the facts of the first infobox follow the lead under the heading
 * "Infobox". Markup that the parser cannot read is stripped instead: no page makes this throw.
 */
export function articleFromWikitext(page: WikitextPage): Article | undefined {
  const { wikitext, ...about } = page;
  return articleFromParagraphs(about, paragraphs(wikitext.slice(0, MOST_WIKITEXT)));
}

function* paragraphs(wikitext: string): Generator<Paragraph> {
  let facts = '';
  for (const { path, body } of sections(withoutFurniture(wikitext))) {
    if (path.some(isBackMatter)) continue;
    if (path.length > 0 && facts !== '') {
      yield { section: [INFOBOX], text: facts };
      facts = '';
    }
    for (const piece of pieces(body)) {
      const parsed = parse(piece);
      if (parsed === undefined) yield* strippedParagraphs(piece, path);
      else {
        if (path.length === 0) facts ||= infoboxFacts(parsed);
        for (const text of texts(parsed)) yield { section: path, text };
      }
    }
  }
  if (facts !== '') yield { section: [INFOBOX], text: facts };
}

/** The page's sections with the headings they are under. */
function* sections(wikitext: string): Generator<Section> {
  const open: { depth: number; heading: string }[] = [];
  const path = () => open.map(({ heading }) => heading);
  let from = 0;
  for (const match of wikitext.matchAll(HEADING)) {
    yield { path: path(), body: wikitext.slice(from, match.index) };
    from = match.index + match[0].length;
    const [, marks = '', title = ''] = match;
    while ((open.at(-1)?.depth ?? 0) >= marks.length) open.pop();
    const parsed = parse(title);
    const heading = parsed === undefined ? strippedMarkup(title) : [...texts(parsed)].join(' ');
    open.push({ depth: marks.length, heading: tidy(heading) || tidy(strippedMarkup(title)) });
  }
  yield { path: path(), body: wikitext.slice(from) };
}

/** The section in pieces of a few paragraphs: cut at blank lines outside templates, or at any line end if too long. */
function* pieces(body: string): Generator<string> {
  let lines: string[] = [];
  let length = 0;
  let depth = 0;
  for (const line of body.split('\n')) {
    lines.push(line);
    length += line.length + 1;
    depth += unclosed(line, '{{', '}}');
    const whole = depth <= 0 && ((length >= PIECE.wanted && line.trim() === '') || length >= PIECE.long);
    if (whole || length >= PIECE.most) {
      yield lines.join('\n');
      lines = [];
      length = 0;
      depth = 0;
    }
  }
  if (length > 0) yield lines.join('\n');
}

function parse(piece: string): ParsedWikitext | undefined {
  if (
    piece.length > PIECE.most ||
    Math.abs(unclosed(piece, '{{', '}}')) > PIECE.unclosedBrackets ||
    Math.abs(unclosed(piece, '[[', ']]')) > PIECE.unclosedBrackets
  )
    return undefined;
  try {
    return parseWikitext(piece.replaceAll(...IDEOGRAPHIC_STOP));
  } catch {
    return undefined;
  }
}

function* texts(parsed: ParsedWikitext): Generator<string> {
  for (const section of parsed.sections())
    for (const paragraph of section.paragraphs()) {
      yield plain(
        paragraph
          .sentences()
          .map((sentence) => sentence.text())
          .join(' '),
      );
      for (const list of paragraph.lists())
        yield list
          .lines()
          .map((line) => plain(line.text().replace(/^\d+\) /, '')).replaceAll('\n', ' '))
          .join('\n');
    }
}

function* strippedParagraphs(piece: string, section: string[]): Generator<Paragraph> {
  for (const text of strippedMarkup(piece).split(/\n\s*\n/)) yield { section, text };
}

/** "Birth place: Ulm, Germany": one line per fact that consists of words; empty if there are hardly any. */
function infoboxFacts(parsed: ParsedWikitext): string {
  const infobox = parsed.sections().flatMap((section) => section.infoboxes())[0];
  const facts = Object.entries(infobox?.keyValue() ?? {})
    .filter(([key]) => !NO_FACT.test(key) && !/^\d+$/.test(key) && key.length <= FACTS.longestKey)
    .map(([key, value]) => [key, tidy(plain(value)).replace(/\s*\n\s*/g, '; ')] as const)
    .filter(([, value]) => value !== '' && value.length <= FACTS.longestValue && !NO_VALUE.test(value))
    .map(([key, value]) => `${keyWords(key)}: ${value}`);
  return facts.length < FACTS.fewest ? '' : facts.slice(0, FACTS.most).join('\n');
}

function keyWords(key: string): string {
  const words = key.replace(/[_\s]+/g, ' ').trim();
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** Turns tags, links and entities that the parser leaves into plain text. */
function plain(text: string): string {
  const bare = text
    .replaceAll(IDEOGRAPHIC_STOP[1], IDEOGRAPHIC_STOP[0])
    .replace(/。 (?=\P{ASCII})/gu, '。')
    .replace(/<\/?[a-z][a-z0-9]{0,20}\b[^<>]{0,500}>/gi, ' ')
    .replace(/\[\[(?:[^[\]|]*\|)?([^[\]|]*)\]\]/g, '$1')
    .replace(/\[\[|\]\]|\{\{|\}\}/g, '');
  return bare.includes('&') ? decodeHTMLStrict(bare) : bare;
}
