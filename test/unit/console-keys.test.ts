import type { Key } from 'ink';
import { describe, expect, test } from 'vitest';
import { keysOf } from '../../console/keys.ts';

const none = {} as Key;

describe('keys that came close together', () => {
  test.each([
    ['second\u0013', ['s', 'e', 'c', 'o', 'n', 'd', 'ctrl-s']],
    ['2n\t', ['2', 'n', 'tab']],
    ['é東\r', ['é', '東', 'enter']],
    ['a\r\n', ['a', 'enter']],
    ['x\u007f\u0003', ['x', 'backspace', 'ctrl-c']],
  ])('are each taken for what they are: %j', (input, keys) => {
    expect(keysOf(input, none)).toEqual(keys);
  });
});
