/** How numbers, texts and failures are put into words. */
import { describe, expect, it } from 'vitest';
import { failure } from '../../console/failure.ts';
import { amount, duration, plain } from '../../console/words.ts';
import { CoreError } from '../../core/errors.ts';

describe('amounts', () => {
  it('groups digits and drops the plural for one', () => {
    expect(amount(49_500_000, 'chunks')).toBe('49,500,000 chunks');
    expect(amount(1, 'chunks')).toBe('1 chunk');
  });
  it('writes bytes in units of a thousand', () => {
    expect(amount(45_300_000, 'bytes')).toBe('45.3 MB');
  });
  it('writes durations as short as their size allows', () => {
    expect([0.4, 340, 2_140, 49_300, 67_000, 3_780_000].map(duration)).toEqual([
      '1ms',
      '340ms',
      '2.1s',
      '49s',
      '1m 7s',
      '1h 3m',
    ]);
  });
});

describe('untrusted text', () => {
  it('loses everything that a terminal would obey', () => {
    expect(plain('a\u001b[2Jb\u001b]0;title\u0007c\u0000d')).toBe('abcd');
  });
  it('loses characters that change the direction of what follows', () => {
    expect(plain('user\u202egpj.exe')).toBe('usergpj.exe');
  });
  it('stands on one line', () => {
    expect(plain(' one\n two\tthree ')).toBe('one two three');
  });
  it('keeps every script', () => {
    expect(plain('Улм 東京 Île')).toBe('Улм 東京 Île');
  });
});

describe('a failure', () => {
  it('is what went wrong and what mends it', () => {
    const error = new CoreError('not-found', 'There is no build.', { hint: 'Make one.' });
    expect(failure(error)).toEqual({ lines: ['There is no build.', 'Make one.'], status: 1 });
  });
  it('has status 2 for a wrong use and 130 for a cancelled command', () => {
    expect(failure(new CoreError('usage', 'No.')).status).toBe(2);
    expect(failure(new CoreError('cancelled', 'Cancelled.')).status).toBe(130);
  });
  it('shows its stack and facts only when asked', () => {
    const error = new CoreError('bad-input', 'Line 3 is broken.', { details: { line: 3 } });
    expect(failure(error).lines.join('\n')).not.toContain('at ');
    const debug = failure(error, true).lines.join('\n');
    expect(debug).toContain('line: 3');
    expect(debug).toContain('console-words.test.ts');
  });
  it('of an unknown kind asks for a report', () => {
    expect(failure(new TypeError('x is undefined')).lines[1]).toContain('--debug');
  });
  it('of a full disk names the way out', () => {
    const error = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write', path: '/data/x' });
    expect(failure(error).lines[0]).toBe('Cannot write /data/x: the disk is full.');
  });
});
