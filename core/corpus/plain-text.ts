/**
 * Articles from plain text: the text column of `wikimedia/wikipedia`, Pandoc's plain output of a wiki page, or a text file.
 * Knows paragraphs, headings, lists and the residue of wiki markup; no file format.
 */
import type { Article } from '../types.ts';
import { articleFromParagraphs, type Paragraph } from './paragraphs.ts';

export interface TextPage {
  id: string;
  title: string;
  url: string;
  language: string;
  text: string;
}

/** Lines between blank lines, and how many blank lines stood before them. */
interface Group {
  lines: string[];
  blanksBefore: number;
}

const BULLET = /^\s*(?:[-*•–]|\d{1,3}[.)]|[a-z][.)])\s+/;
const TABLE_RULE = /^\s*-{3,}(?:\s+-+)*\s*$/;
const TABLE_LINE = /^\s*(?:\+[-=+:]{2,}|\|)/;
const MEDIA_FILE = '[^\\s|]+\\.(?:jpe?g|png|svg|gif|tiff?|webp|ogg|oga|ogv|webm|pdf|stl)';
const MEDIA_LINE = new RegExp(`^\\s*(?:(?:File|Image):\\S|${MEDIA_FILE}\\s*$)`, 'i');
const MEDIA_START = new RegExp(`^${MEDIA_FILE}\\s+(?=\\S)`, 'i');
const IMAGE_OPTIONS =
  /^(?:(?:thumb|thumbnail|frame|frameless|border|left|right|center|none|upright|(?:upright|alt|link|class)=[^|\n]*|\d*x?\d+px)\s*\|)+/i;
/** A line of at least this length is a whole paragraph, not one line of a wrapped one. */
const LONG_LINE = 120;
const HEADING_LENGTH = { certain: 120, likely: 80 };

/**
 * The article in a page of plain text; undefined where nothing of it is prose.
 *
 * Blank lines separate paragraphs; a long line is its own paragraph; a short line that stands alone and does not end
 * like a sentence is a heading. If some headings follow two blank lines (Pandoc), those are the outer ones. Reference
 * markers, italic marks, image names and tables are removed; other brackets, digits and underscores stay.
 */
export function articleFromText(page: TextPage): Article | undefined {
  const { text, ...about } = page;
  return articleFromParagraphs(about, paragraphs(text));
}

function* paragraphs(text: string): Generator<Paragraph> {
  const groups = withoutTables(groupLines(text));
  const twoLevels = groups.some((group, at) => isOuterHeading(group, groups[at + 1]));
  let outer: string[] = [];
  let section: string[] = [];
  for (const [at, group] of groups.entries()) {
    const next = groups[at + 1];
    if (isOuterHeading(group, next)) section = outer = [clean(group.lines[0] as string)];
    else if (isHeading(group, next)) section = [...(twoLevels ? outer : []), clean(group.lines[0] as string)];
    else {
      const [first, second] = group.lines;
      const headed = second !== undefined && (/^\s/.test(second) || second.length >= LONG_LINE);
      if (headed && looksLikeHeading(first as string, HEADING_LENGTH.likely)) {
        section = [...(twoLevels ? outer : []), clean(first as string)];
        group.lines.shift();
      }
      for (const body of splitLines(group.lines)) yield { section, text: body };
    }
  }
}

function groupLines(text: string): Group[] {
  const groups: Group[] = [];
  let blanks = 0;
  let open = false;
  for (const line of text.split(/\r\n?|\n/)) {
    if (line.trim() === '') {
      blanks += 1;
      open = false;
    } else {
      if (open) groups.at(-1)?.lines.push(line);
      else groups.push({ lines: [line], blanksBefore: blanks });
      open = true;
      blanks = 0;
    }
  }
  return groups;
}

/** Removes grid and pipe tables, and everything between the rules of a Pandoc table, blank lines included. */
function withoutTables(groups: Group[]): Group[] {
  const kept: Group[] = [];
  for (let at = 0; at < groups.length; at++) {
    const group = groups[at] as Group;
    const { lines } = group;
    if (TABLE_RULE.test(lines[0] as string)) {
      const last = groups.findIndex((other, index) => index >= at && endsTable(other, index === at));
      if (last >= 0) at = last;
      continue;
    }
    const prose = lines.filter((line) => !TABLE_LINE.test(line) && line.trim() !== '[TABLE]');
    // Table cells may span several lines: what is left of a group that starts as a table is not prose.
    if (prose.length > 0 && !TABLE_LINE.test(lines[0] as string)) kept.push({ ...group, lines: prose });
  }
  return kept;
}

function endsTable({ lines }: Group, first: boolean): boolean {
  return lines.length > (first ? 1 : 0) && TABLE_RULE.test(lines.at(-1) as string);
}

function isOuterHeading(group: Group, next: Group | undefined): boolean {
  return (
    group.blanksBefore >= 2 &&
    isAlone(group, next) &&
    looksLikeHeading(group.lines[0] as string, HEADING_LENGTH.certain)
  );
}

function isHeading(group: Group, next: Group | undefined): boolean {
  return isAlone(group, next) && looksLikeHeading(group.lines[0] as string, HEADING_LENGTH.likely);
}

function isAlone(group: Group, next: Group | undefined): boolean {
  return group.lines.length === 1 && next !== undefined;
}

function looksLikeHeading(line: string, length: number): boolean {
  if (line.length > length * 2) return false;
  const heading = clean(line);
  return (
    heading.length <= length &&
    /^[\p{Lu}\p{Lo}\p{Lt}\p{N}"'“‘«„_¿¡(]/u.test(line) &&
    !MEDIA_LINE.test(line) &&
    /\p{L}/u.test(heading) &&
    !/[.!,;:…。、，；：]["'”’)]?$|[|$\\{}=]|\]\]|^\d+[.)]\s/.test(heading)
  );
}

/** A list stays one text of several lines; wrapped lines are joined into one; a long line becomes its own text. */
function splitLines(lines: string[]): string[] {
  if (lines.some((line) => line.length >= LONG_LINE && !BULLET.test(line))) return lines.map(cleanLine);
  if (lines.some((line) => BULLET.test(line) || /^\s/.test(line))) return [lines.map(cleanLine).join('\n')];
  const wrapped = lines.length > 1 && lines.slice(0, -1).every((line) => line.length >= 50);
  return [lines.map(cleanLine).join(wrapped ? ' ' : '\n')];
}

function cleanLine(line: string): string {
  if (MEDIA_LINE.test(line)) return '';
  return clean(line.replace(BULLET, '').replace(/^\s*:\s+/, ''));
}

/** One line without residual markup. */
function clean(line: string): string {
  return line
    .replace(/\[\[(?:[^[\]|\n]*\|)?([^[\]|\n]*)\]\]/g, '$1')
    .replace(/\|alt=[^|\n]*?(?=\||\]\]|$)/g, '')
    .replace(/\s{0,3}(?:\|\s?)?(?:\d{0,4}x?\d{1,4}px)?\]\]/g, ' ')
    .trim()
    .replace(MEDIA_START, '')
    .replace(IMAGE_OPTIONS, '')
    .replace(/\{\{('s?)\}\}/g, '$1')
    .replace(/\{\{[\p{L}#][^{}\\]{0,500}\}\}/gu, '')
    .replace(
      /<\/?nowiki>|<ref\b[^<>]{0,300}>[^<>]{0,2000}<\/ref>|<\/?(?:ref|br|small|sup|sub|span)\b[^<>]{0,300}>/gi,
      '',
    )
    .replace(/\^\(\([^()]{0,200}\)\)(?=\[|\s|$)/g, '')
    .replace(/(?<=[^\s[\](=+*/-])(?<!(?:^|[^\p{L}\p{N}])\p{Ll})(?:\[(?!0)\d{1,3}\])+/gu, '')
    .replace(/ \[(?!0)\d{1,3}\]$/, '')
    .replace(/(?<=\S)\[(?:note|nb|n|fn|lower-alpha|citation needed|clarification needed)(?: \d+)?\]/gi, '')
    .replace(/(?<=[.,;)"”])\[[a-z]\](?![\p{L}\p{N}])/gu, '')
    .replace(/(?<![\p{L}\p{N}_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\p{L}\p{N}_])/gu, '$1');
}
