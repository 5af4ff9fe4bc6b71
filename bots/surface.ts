/**
 * The contract between the conversation and a chat platform. Knows what people ask and what they are shown, as data;
 * nothing about a vendor's payloads, and no sentence in any language.
 *
 * A platform turns its events into `Ask`, `Press` and `Command`, and a `View` into its payload (see view-text.ts and
 * answer-text.ts for the words). The conversation decides what is shown and when.
 */
import type { Answer, CoreError, Hit, Settings } from '../core/index.ts';
import type { Action } from './action.ts';
import type { Language } from './phrases/phrases.ts';

export type PlatformName = 'discord' | 'slack';

/** Where something was asked. Ids are the platform's own. */
export interface Place {
  /** Discord guild or Slack workspace; absent in a Discord DM. */
  guild?: string;
  channel: string;
  /** Absent outside a thread. For Slack the `thread_ts`. */
  thread?: string;
  direct: boolean;
}

/** What every event from a person carries. */
export interface Request {
  platform: PlatformName;
  /** The vendor's event or interaction id: the same event is never handled twice within 10 minutes, across restarts. */
  event: string;
  user: string;
  /** Role ids (Discord) or user-group ids (Slack) that the platform reported; empty if it reports none. */
  roles: string[];
  place: Place;
  /** The user's locale as the platform spells it, e.g. `de`, `en-US`, `zh-CN`. */
  locale: string;
}

/** One question. */
export interface Ask extends Request {
  /** The question, without the mention of the bot. */
  text: string;
  /** Text of the message that a menu command was used on; it is the question if `text` is empty. */
  about?: string;
  /** Key of the thread or DM whose earlier answers are the history; absent where there is none (a channel's top level). */
  conversation?: string;
  /** Id (as in `Surface.messages`) of the message that this one replies to; overrides `conversation`. */
  repliesTo?: string;
  /** Answer that a Follow-up form belongs to; overrides both. */
  follows?: string;
  /** Only the asker sees the answer, which then has a Share button. */
  private?: boolean;
  method?: string;
  /** BCP 47 tag of the articles' language. */
  language?: string;
  /** Two methods to show side by side (`/compare`). */
  compare?: [string, string];
}

/** A button that was pressed, or a form that was sent. */
export interface Press extends Request {
  action: Action;
  /** The button is under a message that only the presser sees. */
  hidden: boolean;
  /** What was typed into the form of an action that has one. */
  text?: string;
}

export interface Command extends Request {
  name: 'about' | 'privacy';
}

/** A button; `label` is in the user's language and at most 75 characters long (no markup). */
export interface Button {
  action: Action;
  label: string;
  tone: 'primary' | 'plain' | 'danger';
}

/** A form that a platform opens by itself, at once, when a button with this action is pressed. All texts are plain. */
export interface Form {
  /** At most 24 characters (Slack's modal title). */
  title: string;
  /** Label of its one text field, at most 45 characters. */
  label: string;
  submit: string;
  cancel: string;
  /** The text field is required. */
  required: boolean;
  maxLength: number;
}

interface Shown {
  language: Language;
  /** Most important first: a platform with too little room leaves out the last ones. */
  buttons: Button[];
}

export interface AnswerView extends Shown {
  kind: 'answer';
  answerId: string;
  answer: Answer;
  /** The stand-alone question that was searched for, if it differs from the one asked. */
  searchedFor?: string;
  /** User id to name as the asker when Share shows the answer to others. */
  sharedBy?: string;
}

/** What a surface shows. The kinds under `final` end a question: each question is shown exactly one of them. */
export type View =
  | ({ kind: 'acknowledged' } & Shown)
  /** `position` counts from 1 (next to be answered). */
  | ({ kind: 'queued'; position: number; waitSeconds?: number } & Shown)
  | ({ kind: 'stage'; stage: 'search' | 'read' | 'write'; searchedFor?: string } & Shown)
  /** All text so far; as untrusted as the rest of an answer. */
  | ({ kind: 'partial'; text: string; searchedFor?: string } & Shown)
  /** The process is ending; the question stays stored and is answered after the restart. Not final. */
  | ({ kind: 'interrupted' } & Shown)
  // final
  | AnswerView
  | ({ kind: 'compared'; answerId: string; answers: [Answer, Answer] } & Shown)
  | ({ kind: 'not-found'; answerId: string; answer: Answer; nearest: string[]; searchedFor?: string } & Shown)
  /** `sentence` is fit for a chat; `reference` finds the log line. */
  | ({ kind: 'error'; sentence: string; reference: string } & Shown)
  /** `sentence` says why and, where there is one, until when. */
  | ({ kind: 'refused'; sentence: string } & Shown)
  | ({ kind: 'stopped'; text: string } & Shown)
  // answers to presses and commands
  | ({ kind: 'passages'; answerId: string; page: number; pages: number; hits: PassageView[] } & Shown)
  | ({ kind: 'notice'; sentence: string } & Shown)
  | ({ kind: 'about'; facts: { name: string; value: string }[] } & Shown)
  | ({ kind: 'privacy'; sentence: string } & Shown)
  /** A user's stored data as a JSON file for that user alone. */
  | ({ kind: 'export'; filename: string; content: string } & Shown);

/** A passage as it is stored under an answer. */
export interface PassageView extends Pick<Hit, 'rank' | 'score'> {
  title: string;
  section: string[];
  text: string;
  /** Link to revision and place; empty where there is none. */
  url: string;
}

/** What reopens a surface after a restart: plain JSON, at most 4 kB. Kept until the answer is delivered. */
export type Target = { [field: string]: string | number | boolean | null };

/**
 * One message (or a run of them) that shows one thing and is edited in place. Opening one has no effect until `show`.
 * Calls of `show` never overlap; a later view replaces the earlier one.
 */
export interface Surface {
  /** Where it is now, for `Platform.open`; any `show` may change it. */
  target(): Target;
  /** Ids of the messages it has shown, unique within the platform (`channel/message`), so that a reply to one is found. */
  messages(): string[];
  /**
   * Shows the view in the largest form that the platform's limits allow.
   * Throws `CoreError`: `network` with `retryable` (and `details.retryAfterMs` if the server sent it) when a retry may
   * help; anything else when it will not (message, channel or permission gone, token expired and no other place).
   */
  show(view: View): Promise<void>;
}

/** Surfaces that belong to a pressed button. */
export interface PressSurfaces {
  /** The message with the button. */
  here: Surface;
  /** A message that only the presser sees. */
  private: Surface;
  /** A new message in the same place, for all to see. */
  public: Surface;
}

export interface Platform {
  readonly name: PlatformName;
  /** Least time between two edits of a surface while text is written, in ms. */
  readonly editEveryMs: number;
  /** The surface of a target that was stored before a restart. */
  open(target: Target): Surface;
}

/** What the adapters call. None of these rejects: every failure ends in a view. */
export interface Conversation {
  /** Registers the platform and resumes its questions that a restart left unanswered. Call it once connected. */
  attach(platform: Platform): Promise<void>;
  /**
   * Takes a question; resolves once it is stored and queued, or once a refusal is shown.
   * The platform's own acknowledgement (deferred reply, `ack()`) comes before this call. Nothing is shown for an event
   * that was handled before.
   */
  ask(ask: Ask, surface: Surface): Promise<void>;
  press(press: Press, surfaces: PressSurfaces): Promise<void>;
  command(command: Command, surface: Surface): Promise<void>;
  /** The form that an action opens instead of being sent at once, or undefined. Pure and fast. */
  form(action: Action, locale: string): Form | undefined;
  /** Whether the conversation has answered in this thread or DM, so that a message there needs no mention. */
  knows(platform: PlatformName, conversation: string): Promise<boolean>;
  /** Article titles for what was typed so far; an empty list if there are none within about 2 s. */
  titles(typed: string, limit: number): Promise<string[]>;
}

/** One line of JSON on stderr; `fields` hold ids, counts and durations, never text, names or tokens. */
export type Log = (event: string, fields?: Record<string, string | number | boolean | undefined>) => void;

export interface AdapterDeps {
  settings: Settings;
  conversation: Conversation;
  log: Log;
  /** Ends the bots with a non-zero status, the error's message and hint: a token or scope will not work again. */
  fatal(error: CoreError): void;
}

export interface AdapterHealth {
  connected: boolean;
  /** Numbers worth watching (shards, latency …). */
  [fact: string]: string | number | boolean;
}

export interface Adapter {
  /** Stops taking events at once and resolves once the connection is closed; called after the conversation has drained. */
  stop(): Promise<void>;
  health(): AdapterHealth;
}

/** Connects; resolves once events can arrive. Throws a CoreError that says how to fix a bad token, intent or scope. */
export type StartAdapter = (deps: AdapterDeps) => Promise<Adapter>;
