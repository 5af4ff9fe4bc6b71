import { describe, expect, it } from 'vitest';
import { bestPart } from '../../core/retrieve/best-part.ts';

const FILLER = 'Its harbour is large and its streets are narrow and full of people from everywhere.';
const FOUNDED = 'The town was founded by Ada Brenn.';

describe('the best part of a passage', () => {
  it('is the run of sentences with most of the words that are asked for', () => {
    const text = [FILLER, FILLER, FILLER, FILLER, FOUNDED, FILLER, FILLER, FILLER].join(' ');
    const part = bestPart('Who founded the town?', text, 'en');
    expect(part).toContain(FOUNDED);
    expect(part?.length).toBeLessThanOrEqual(330);
    expect(text).toContain(part);
  });

  it('is the beginning where nothing is shared', () => {
    const text = Array.from({ length: 9 }, (_, index) => `${index}. ${FILLER}`).join(' ');
    expect(text.startsWith(bestPart('Quo vadis?', text, 'en') as string)).toBe(true);
  });

  it('is none of a passage that is short', () => {
    expect(bestPart('Who founded the town?', `${FILLER} ${FOUNDED}`, 'en')).toBeUndefined();
  });

  it('is a whole sentence, however long', () => {
    const long = `The town, ${'which lies by the sea, '.repeat(30)}was founded by Ada Brenn.`;
    expect(bestPart('Who founded it?', `${FILLER} ${long} ${FILLER}`, 'en')).toBe(long);
  });

  it('is found in scripts without spaces too', () => {
    const text = `${'这座城市很大，街道很窄。'.repeat(40)}城市由王小明建立。${'这座城市很大，街道很窄。'.repeat(40)}`;
    expect(bestPart('谁建立了城市？', text, 'zh')).toContain('王小明');
  });
});
