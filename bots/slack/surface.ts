/**
 * Where an answer or a reply goes: from an event's place to a surface, and from a stored target back to it.
 * Knows places; nothing about payloads.
 */
import type { PressSurfaces, Surface, Target } from '../surface.ts';
import type { Calls } from './calls.ts';
import { type MessageTarget, openMessageSurface } from './message-surface.ts';
import { openReplySurface, type ReplyTarget } from './reply-surface.ts';

/** Who did something, and where. */
export interface Spot {
  /** Absent in the app's home. */
  channel: string | undefined;
  /** Thread in which it was done. */
  thread: string | undefined;
  user: string;
  team: string | undefined;
  /** `response_url` of what was done. */
  url: string | undefined;
}

/** A pressed button's spot, and the message that the button is under. */
export interface PressSpot extends Spot {
  message: string | undefined;
  /** Only the presser sees that message. */
  ephemeral: boolean;
}

/** How long a `response_url` works, with a minute to spare. */
const URL_MS = 29 * 60_000;

export function isDirect(channel: string | undefined): boolean {
  return channel?.startsWith('D') === true;
}

/** The surface of a stored target. */
export function openSurface(calls: Calls, target: Target): Surface {
  return target.mode === 'reply'
    ? openReplySurface(calls, target as ReplyTarget)
    : openMessageSurface(calls, target as MessageTarget);
}

/** A new message for all to see: in `thread`, or at the channel's top level. */
export function publicSurface(calls: Calls, spot: Spot & { channel: string }): Surface {
  return openMessageSurface(calls, messageTarget(calls, spot));
}

/** A new message that only the person sees. */
export function privateSurface(calls: Calls, spot: Spot): Surface {
  return openReplySurface(calls, replyTarget(calls, spot, false));
}

export function pressSurfaces(calls: Calls, spot: PressSpot): PressSurfaces {
  const { channel, thread, message, ephemeral } = spot;
  const own = privateSurface(calls, spot);
  if (channel === undefined) return { here: own, private: own, public: own };
  const below = thread ?? (ephemeral ? undefined : message);
  const here =
    ephemeral || message === undefined
      ? openReplySurface(calls, replyTarget(calls, spot, true))
      : openMessageSurface(calls, {
          ...messageTarget(calls, { ...spot, channel }),
          status: message,
          url: null,
        });
  return { here, private: own, public: publicSurface(calls, { ...spot, channel, thread: below }) };
}

function messageTarget(
  { now }: Calls,
  { channel, thread, user, team, url }: Spot & { channel: string },
): MessageTarget {
  return {
    mode: 'message',
    channel,
    thread: thread ?? null,
    user,
    team: team ?? null,
    direct: isDirect(channel),
    status: null,
    stream: null,
    streaming: false,
    url: url ?? null,
    until: now() + URL_MS,
  };
}

function replyTarget({ now }: Calls, { channel, thread, user, url }: Spot, replace: boolean): ReplyTarget {
  return {
    mode: 'reply',
    channel: channel ?? null,
    thread: thread ?? null,
    user,
    url: url ?? null,
    until: now() + URL_MS,
    uses: 0,
    open: false,
    replace,
  };
}
