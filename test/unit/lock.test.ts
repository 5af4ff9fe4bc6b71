import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CoreError } from '../../core/errors.ts';
import { holdLock, isHeld } from '../../core/runtime/lock.ts';

it('a lock that another process takes away is told once, and given back without an error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'footnote-lock-'));
  const path = join(folder, 'one.lock');
  const lost = await new Promise<CoreError>((resolve, reject) => {
    const held = { message: 'Held.', hint: '' };
    holdLock({ path, held, onLost: resolve }).then(async (release) => {
      expect(await isHeld(path)).toBe(true);
      await rm(path, { recursive: true });
      setTimeout(() => release().catch(reject), 2_500);
    }, reject);
  });
  expect(lost).toMatchObject({ code: 'locked', retryable: true });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await rm(folder, { recursive: true });
});
