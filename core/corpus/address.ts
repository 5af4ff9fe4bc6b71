/**
 * Knows how a wiki's addresses are formed: the address of a page, and the site and language that an address belongs to.
 * Knows no file format.
 */

/** Subdomains of Wikimedia's wikis that are not the language's own tag (Meta-Wiki, "List of Wikipedias", nonstandard codes). */
const LANGUAGE_OF_SUBDOMAIN: Record<string, string> = {
  als: 'gsw',
  'bat-smg': 'sgs',
  'be-x-old': 'be-tarask',
  'fiu-vro': 'vro',
  no: 'nb',
  'roa-rup': 'rup',
  simple: 'en',
  'zh-classical': 'lzh',
  'zh-min-nan': 'nan',
  'zh-yue': 'yue',
};

const WIKIMEDIA_HOST =
  /^([a-z]{2,}(?:-[a-z]+)*)\.(?:m\.)?wiki(?:pedia|books|news|quote|source|versity|voyage)\.org$/;

/**
 * The address of a page on the wiki whose main page is `base` (the `<base>` of an export).
 * Encoded as MediaWiki does (`wfUrlencode`): spaces become underscores and `;@$!*(),/~:` stay.
 * Empty where `base` is no address.
 */
export function pageUrl(base: string, title: string): string {
  if (!URL.canParse(base)) return '';
  const name = encodeURIComponent(title.replaceAll(' ', '_')).replace(
    /%(?:3B|40|24|2C|2F|3A)/g,
    decodeURIComponent,
  );
  const article = /^(.*\/wiki\/)|^(.*[?&]title=)|^(.*\/)/.exec(base);
  return `${article?.[1] ?? article?.[2] ?? article?.[3]}${name}`;
}

/** Origin of an address, e.g. `https://en.wikipedia.org`; empty where `url` is no web address. */
export function siteOf(url: string): string {
  return webAddress(url)?.origin ?? '';
}

/** BCP 47 tag of the Wikimedia wiki that an address belongs to; empty for other addresses. */
export function languageOf(url: string): string {
  const subdomain = WIKIMEDIA_HOST.exec(webAddress(url)?.hostname ?? '')?.[1];
  return subdomain === undefined ? '' : (LANGUAGE_OF_SUBDOMAIN[subdomain] ?? subdomain);
}

function webAddress(url: string): URL | undefined {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return undefined;
  return new URL(url);
}
