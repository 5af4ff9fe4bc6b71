/**
 * Numbers, signs and units as keys that can be compared: `1,000` = `1000`, `5.3 million` = `5,300,000`, `km` = `kilometres`.
 * Knows single words; nothing about sentences.
 */

const NUMBER_WORDS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  );
const TENS = 'thirty forty fifty sixty seventy eighty ninety'.split(' ');
const ORDINALS =
  'third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'.split(
    ' ',
  );
// "one", "first" and "second" are seldom a count; mostly they are a pronoun, an adverb, a unit.
const SPELLED = new Map<string, string>([
  ...NUMBER_WORDS.map((word, value): [string, string] => [word, String(value)]),
  ...TENS.map((word, index): [string, string] => [word, String(30 + 10 * index)]),
  ...ORDINALS.map((word, index): [string, string] => [word, String(3 + index)]),
]);
SPELLED.delete('one');

const SCALES = new Map([
  ['hundred', 1e2],
  ['thousand', 1e3],
  ['million', 1e6],
  ['billion', 1e9],
  ['trillion', 1e12],
]);

/** Signs that stand for a word, which has to be found like a number. */
export const SIGNS: Record<string, string> = {
  $: 'dollar',
  '£': 'pound',
  '€': 'euro',
  '¥': 'yen',
  '%': 'percent',
};

/** Names of one unit, which share a key. */
const UNITS = new Map(
  [
    'kilometre kilometres kilometer kilometers km',
    'metre metres meter meters',
    'centimetre centimetres centimeter centimeters cm',
    'millimetre millimetres millimeter millimeters mm',
    'mile miles mi',
    'foot feet ft',
    'inch inches',
    'yard yards',
    'kilogram kilograms kilogramme kilogrammes kg',
    'gram grams',
    'tonne tonnes',
    'ton tons',
    'pound pounds',
    'dollar dollars',
    'euro euros',
    'yen',
    'percent',
    'hectare hectares ha',
    'acre acres',
    'litre litres liter liters',
    'year years',
    'month months',
    'week weeks',
    'day days',
    'hour hours',
    'minute minutes',
  ].flatMap((names) => {
    const all = names.split(' ');
    return all.map((name): [string, string] => [name, all[0] as string]);
  }),
);

/**
 * Key of a number by its value (`1,000` = `1000`; `12` = `12th` = `twelve` = `twelfth`); undefined for other words.
 * A decade (`1960s`) is another number than its first year. English has the dot for decimals alone.
 */
export function numberKey(lower: string, tag: string): string | undefined {
  const spelled = SPELLED.get(lower);
  if (spelled !== undefined) return `#${spelled}`;
  if (!/^\p{Nd}/u.test(lower)) return undefined;
  const digits = lower.replace(/(st|nd|rd|th)$/, '').replace(/^(\d{1,2})s$/, '$1');
  const grouped = tag === 'en' ? /^\d{1,3}([,'\u00a0\u202f]\d{3})+$/ : /^\d{1,3}([.,'\u00a0\u202f]\d{3})+$/;
  const value = grouped.test(digits)
    ? digits.replace(/\D/g, '')
    : digits.replace(',', '.').replace(/\.0+$/, '');
  return `#${value}`;
}

/** Key of a number that a scale word follows ("5.3 million"); undefined where the word is none. */
export function scaledKey(key: string, lower: string): string | undefined {
  const scale = SCALES.get(lower);
  const value = Number(key.slice(1));
  if (scale === undefined || !Number.isFinite(value)) return undefined;
  return `#${Number((value * scale).toPrecision(12))}`;
}

/** The key that all names of a unit share; undefined for other words. */
export function unitKey(lower: string): string | undefined {
  return UNITS.get(lower);
}
