/**
 * A chat platform in memory that enforces the surface's contract: no two views at once, one last view per question,
 * nothing after it, edits no faster than allowed. It fails on demand.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Platform, PressSurfaces, Surface, Target, View } from '../../bots/surface.ts';

const FINAL_KINDS = ['answer', 'compared', 'not-found', 'error', 'refused', 'stopped'] as const;

/** True for the view that ends a question. */
function isFinal(view: View): boolean {
  return (FINAL_KINDS as readonly string[]).includes(view.kind);
}

export interface ChatMessage {
  id: string;
  views: { view: View; at: number }[];
}

export interface Chat extends Platform {
  messages: Map<string, ChatMessage>;
  /** Broken rules, one sentence each. */
  broken: string[];
  /** As if the bots' process had been killed: nothing more comes through the surfaces that were opened so far. */
  sever(): void;
  /** Called before each view is taken; may throw what the platform would. */
  trouble: (view: View, message: string) => void | Promise<void>;
  surface(id?: string): Surface;
  pressed(here: string): PressSurfaces;
  views(id: string): View[];
  last(id: string): View | undefined;
  /** Waits until the message's newest view is of the kind. */
  until(id: string, kind: View['kind'], ms?: number): Promise<View>;
}

/** Views of a question that is not finished: these must keep to the pace. */
const PACED = ['acknowledged', 'queued', 'stage', 'partial'];

export function openChat(editEveryMs = 20): Chat {
  const messages = new Map<string, ChatMessage>();
  const broken: string[] = [];
  let count = 0;
  let generation = 0;

  const surfaceOf = (id: string): Surface => {
    const born = generation;
    let busy = false;
    let sent = messages.has(id);
    return {
      target: (): Target => ({ id, sent }),
      messages: () => (sent ? [`room/${id}`] : []),
      async show(view) {
        if (busy) broken.push(`${id}: ${view.kind} was shown before the view before it had arrived`);
        busy = true;
        try {
          await delay(1);
          if (born !== generation) await new Promise(() => undefined);
          await chat.trouble(view, id);
          const message = messages.get(id) ?? { id, views: [] };
          messages.set(id, message);
          const last = message.views.at(-1);
          if (last !== undefined && isFinal(last.view) && JSON.stringify(last.view) !== JSON.stringify(view))
            broken.push(`${id}: ${view.kind} came after the end, ${last.view.kind}`);
          if (last !== undefined && PACED.includes(view.kind) && Date.now() - last.at < editEveryMs - 2)
            broken.push(`${id}: ${view.kind} came ${Date.now() - last.at} ms after ${last.view.kind}`);
          message.views.push({ view, at: Date.now() });
          sent = true;
        } finally {
          busy = false;
        }
      },
    };
  };

  const chat: Chat = {
    name: 'discord',
    editEveryMs,
    messages,
    broken,
    sever: () => void generation++,
    trouble: () => undefined,
    open: (target) => surfaceOf(String(target.id)),
    surface: (id = `m${++count}`) => surfaceOf(id),
    pressed: (here) => ({
      here: surfaceOf(here),
      private: surfaceOf(`private${++count}`),
      public: surfaceOf(`public${++count}`),
    }),
    views: (id) => messages.get(id)?.views.map(({ view }) => view) ?? [],
    last: (id) => messages.get(id)?.views.at(-1)?.view,
    async until(id, kind, ms = 60_000) {
      const end = Date.now() + ms;
      for (;;) {
        const view = chat.last(id);
        if (view?.kind === kind) return view;
        if (Date.now() > end)
          throw new Error(`${id} never showed ${kind}, but ${JSON.stringify(view)?.slice(0, 300)}`);
        await delay(5);
      }
    },
  };
  return chat;
}
