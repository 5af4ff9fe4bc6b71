import { describe, expect, it } from 'vitest';
import { openPace } from '../../bots/queue/pace.ts';
import { openQueue } from '../../bots/queue/queue.ts';

let now = 0;
const item = (id: string, user: string, lane?: string) => ({ id, user, lane, askedAt: ++now });
const filled = (...items: ReturnType<typeof item>[]) => {
  const queue = openQueue<ReturnType<typeof item>>();
  for (const one of items) queue.add(one);
  return queue;
};

describe('the queue', () => {
  it('lets users take turns, however many questions one of them has asked', () => {
    const queue = filled(
      item('a1', 'ann'),
      item('a2', 'ann'),
      item('a3', 'ann'),
      item('b1', 'bob'),
      item('c1', 'cy'),
    );
    const served = Array.from({ length: 5 }, () => queue.take()?.id);
    expect(served).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
    expect(queue.take()).toBeUndefined();
  });

  it('shows the order in which it will serve', () => {
    const items = ['a1 ann', 'a2 ann', 'b1 bob', 'b2 bob', 'c1 cy'].map((text) => text.split(' '));
    const queue = filled(...items.map(([id = '', user = '']) => item(id, user)));
    const shown = queue.order().map(({ id }) => id);
    expect(shown).toEqual(Array.from({ length: 5 }, () => queue.take()?.id));
  });

  it('gives someone who comes late the turn after those who are waiting, not after all their questions', () => {
    const queue = filled(item('a1', 'ann'), item('a2', 'ann'), item('a3', 'ann'));
    queue.take();
    queue.add(item('b1', 'bob'));
    expect(queue.order().map(({ id }) => id)).toEqual(['a2', 'b1', 'a3']);
  });

  it('answers the questions of a thread one after the other, and those of other threads meanwhile', () => {
    const queue = filled(item('a1', 'ann', 'thread'), item('b1', 'bob', 'thread'), item('c1', 'cy', 'other'));
    const first = queue.take();
    expect([first?.id, queue.take()?.id, queue.take()]).toEqual(['a1', 'c1', undefined]);
    if (first) queue.release(first);
    expect(queue.take()?.id).toBe('b1');
  });

  it('answers a thread in the order of its questions, whoever’s turn it is', () => {
    const queue = filled(
      item('a1', 'ann'),
      item('b1', 'bob', 'thread'),
      item('a2', 'ann', 'thread'),
      item('c1', 'cy'),
    );
    expect([queue.take()?.id, queue.take()?.id]).toEqual(['a1', 'b1']);
    expect(queue.take()?.id).toBe('c1');
    queue.release(item('b1', 'bob', 'thread'));
    expect(queue.take()?.id).toBe('a2');
  });

  it('keeps the order in which questions were asked, although a later one was stored first', () => {
    const [early, late] = [item('a1', 'ann', 'thread'), item('a2', 'ann', 'thread')];
    const queue = filled(late, early);
    expect(queue.take()?.id).toBe('a1');
  });

  it('forgets a question that is taken out', () => {
    const queue = filled(item('a1', 'ann'), item('a2', 'ann'));
    expect(queue.remove('a1')?.id).toBe('a1');
    expect(queue.remove('a1')).toBeUndefined();
    expect([queue.size, queue.waitingOf('ann'), queue.take()?.id, queue.size]).toEqual([1, 1, 'a2', 0]);
  });
});

describe('the wait', () => {
  it('is not told before something was measured', () => {
    expect(openPace().waits(3, [], 1)).toBeUndefined();
  });

  it('follows from the time to the first text and the text a second of the last answers', () => {
    const pace = openPace();
    pace.observe({ firstMs: 2_000, totalMs: 12_000, pieces: 100 });
    expect(pace.waits(1, [{ sinceMs: 0, pieces: 0 }], 1)).toEqual([12]);
    expect(pace.waits(3, [{ sinceMs: 6_000, pieces: 40 }], 1)).toEqual([6, 18, 30]);
  });

  it('is shorter where several answers are written at once', () => {
    const pace = openPace();
    pace.observe({ firstMs: 2_000, totalMs: 12_000, pieces: 100 });
    const running = [
      { sinceMs: 0, pieces: 0 },
      { sinceMs: 0, pieces: 0 },
    ];
    expect(pace.waits(3, running, 2)).toEqual([12, 12, 24]);
    expect(pace.waits(1, [], 2)).toEqual([0]);
  });

  it('learns that answers have become slower', () => {
    const pace = openPace();
    pace.observe({ firstMs: 100, totalMs: 100, pieces: 1 });
    for (let n = 0; n < 20; n++) pace.observe({ firstMs: 1_000, totalMs: 11_000, pieces: 100 });
    expect(pace.waits(1, [{ sinceMs: 0, pieces: 0 }], 1)?.[0]).toBeCloseTo(11, 0);
  });
});
