/**
 * Removes from wikitext what is never prose, in linear time: comments, references, tables, galleries, images.
 * Knows MediaWiki's brackets; nothing about the meaning of templates, or about articles.
 */

/** Tags that are removed together with their content. */
const DROPPED_TAGS =
  'ref|references|gallery|timeline|imagemap|score|graph|mapframe|maplink|syntaxhighlight|source|categorytree|inputbox|section|templatestyles|includeonly|hiero';
const DROPPED_TAG = new RegExp(`<(${DROPPED_TAGS})\\b[^<>]{0,2000}?(/?)>`, 'gi');
const OTHER_TAG = /<\/?[a-z][a-z0-9]{0,20}\b[^<>]{0,500}>/gi;
const MEDIA_LINK =
  /\[\[[^[\]|\n]{1,40}:[^[\]|\n]{1,250}\.(?:jpe?g|png|svg|gif|tiff?|webp|ogg|oga|ogv|webm|mp3|wav|flac|mid|pdf|djvu|stl)\s*[|\]]/gi;
const KNOWN_MEDIA_LINK =
  /\[\[\s*(?:file|image|media|datei|bild|fichier|archivo|imagen|immagine|ficheiro|arquivo|imagem|bestand|plik|grafika|файл|изображение|attēls|fails|ملف|صورة|ファイル|画像|文件|檔案|파일|그림)\s*:/gi;
/** A link that stands alone and has a namespace or language before a colon: a category, or the same article elsewhere. */
const CATEGORY_LINE = /^[ \t]*(?:\[\[[^[\]|\n:]{2,40}:[^\s[\]|\n][^[\]\n]*\]\][ \t]*)+$/gm;

/** The wikitext without what is not prose, and without bold and italic marks. */
export function withoutFurniture(wikitext: string): string {
  const bare = wikitext
    .replace(/\r\n?/g, '\n')
    .replace(/<!--[\s\S]*?(?:-->|$)/g, '')
    .replace(/<\/?(?:nowiki|onlyinclude|noinclude)\s*\/?>/gi, '')
    .replace(/__[A-Z]{3,20}__/g, '')
    // The parser does not recognise a link to a page whose title is a single character.
    .replace(/\[\[[^[\]|\n]\|([^[\]|\n]*)\]\]/g, '$1');
  const media = [MEDIA_LINK, KNOWN_MEDIA_LINK].reduce(withoutLinks, withoutTables(withoutTags(bare)));
  return media.replace(CATEGORY_LINE, '').replace(/'{2,}/g, '');
}

/** The readable part of broken or unclosed markup: templates and tags dropped, links replaced by their labels. */
export function strippedMarkup(wikitext: string): string {
  return withoutBalanced(wikitext, '{{', '}}')
    .replace(OTHER_TAG, ' ')
    .replace(/\[\[(?:[^[\]|\n]{0,500}\|)?([^[\]|\n]{0,500})\]\]/g, '$1')
    .replace(/\[https?:[^\s\]]{1,500}(?: ([^\]\n]{0,500}))?\]/g, (_, label?: string) => label ?? '')
    .replace(/\[{2,}|\]{2,}|\{{2,}|\}{2,}/g, '')
    .replace(/^[*#:;|! \t]+/gm, '');
}

/** How many more `open` than `close` a text has. */
export function unclosed(text: string, open: string, close: string): number {
  return text.split(open).length - text.split(close).length;
}

function withoutTags(text: string): string {
  const lower = text.toLowerCase();
  let kept = '';
  let from = 0;
  const endless = new Set<string>();
  for (const match of text.matchAll(DROPPED_TAG)) {
    const [tag, name = '', closed] = match;
    if (match.index < from) continue;
    let to = match.index + tag.length;
    if (closed === '') {
      const close = `</${name.toLowerCase()}`;
      const end = endless.has(close) ? -1 : lower.indexOf(close, to);
      // A tag that is never closed is dropped alone.
      if (end < 0) endless.add(close);
      else to = text.indexOf('>', end) + 1 || text.length;
    }
    kept += text.slice(from, match.index);
    from = to;
  }
  return kept + text.slice(from);
}

/** Removes tables, `{| … |}`, including nested ones; one that is never closed ends at the next heading. */
function withoutTables(text: string): string {
  const lines: string[] = [];
  let depth = 0;
  for (const line of text.split('\n')) {
    if (/^[ \t:*#]*\{\|/.test(line)) depth += 1;
    else if (depth > 0 && /^={2,6}[^=].*={2,6}\s*$/.test(line)) depth = 0;
    if (depth === 0) lines.push(line);
    if (depth > 0 && /^\s*\|\}(?!\})/.test(line)) {
      depth -= 1;
      const rest = line.replace(/^\s*\|\}/, '');
      if (depth === 0 && rest.trim() !== '') lines.push(rest);
    }
  }
  return lines.join('\n');
}

/** Removes links whose beginning `start` matches, up to their own closing brackets. */
function withoutLinks(text: string, start: RegExp): string {
  let kept = '';
  let from = 0;
  for (const { index } of text.matchAll(start)) {
    if (index < from) continue;
    kept += text.slice(from, index);
    from = endOfBalanced(text, index, '[[', ']]');
  }
  return kept + text.slice(from);
}

function withoutBalanced(text: string, open: string, close: string): string {
  let kept = '';
  let from = 0;
  for (let at = text.indexOf(open); at >= 0; at = text.indexOf(open, from)) {
    kept += text.slice(from, at);
    from = endOfBalanced(text, at, open, close);
  }
  return kept + text.slice(from);
}

/** One past the brackets that close those at `start`; the end of the line where nothing closes them. */
function endOfBalanced(text: string, start: number, open: string, close: string): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith(open, at)) depth += 1;
    else if (text.startsWith(close, at)) depth -= 1;
    else continue;
    at += open.length - 1;
    if (depth === 0) return at + 1;
  }
  const lineEnd = text.indexOf('\n', start);
  return lineEnd < 0 ? text.length : lineEnd;
}
