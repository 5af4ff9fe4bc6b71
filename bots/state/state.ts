/**
 * What the bots remember across a restart: events they handled, questions that wait, answers with all that their
 * buttons need, and who asked. Knows record keys and times to live; nothing about platforms or texts.
 */
import { createHash, randomBytes } from 'node:crypto';
import { ANSWER_KEY, type AnsweredQuestion, type Records } from '../../core/index.ts';
import type { Language, Phrase } from '../phrases/phrases.ts';
import type { Ask, PassageView, PlatformName, Target } from '../surface.ts';

/** An event that comes again within this time is taken for a redelivery. */
const EVENT_MS = 600_000;
const DAY_MS = 86_400_000;
const PAGE = 100;
/** Most answers of one user in an export. */
const EXPORTED = 2_000;

/** A question that has no visible end yet. */
export interface StoredQuestion {
  id: string;
  ask: Ask;
  target: Target;
  askedAt: number;
  /** The answer that this one follows; null for none; if absent, history is looked up when its turn comes. */
  parent?: string | null;
}

/** What is kept under an answer's id. */
export interface StoredAnswer extends AnsweredQuestion {
  ask: Ask;
  language: Language;
  failure?: Phrase;
  /** Text so far of a question that was stopped. */
  partial?: string;
  parent?: string;
  searchedFor?: string;
  passages: PassageView[];
  /** Questions behind the related buttons. */
  related: string[];
  /** Titles behind the nearest-article buttons. */
  nearest: string[];
  /** Messages that show it. */
  messages: string[];
  /** A private answer that its asker has shown to all. */
  shared?: boolean;
}

export interface State {
  /** Claims an event for the question `id` and returns `id`, or the id that had claimed it before. */
  claim(platform: PlatformName, event: string, id: string): Promise<string>;
  /** Marks an event as handled without a stored answer; `claim` then returns {@link SETTLED}. */
  settle(platform: PlatformName, event: string): Promise<void>;
  putQuestion(question: StoredQuestion): Promise<void>;
  endQuestion(question: StoredQuestion): Promise<void>;
  /** Questions of a platform without a visible end, oldest first. */
  openQuestions(platform: PlatformName): AsyncGenerator<StoredQuestion>;
  /** Also makes the next question in its conversation follow it, unless it is private and others are there. */
  putAnswer(answer: StoredAnswer): Promise<void>;
  answer(id: string): Promise<StoredAnswer | undefined>;
  /** Makes replies to these messages follow the answer. */
  placeAnswer(answer: StoredAnswer, messages: string[]): Promise<void>;
  answerOfMessage(platform: PlatformName, message: string): Promise<string | undefined>;
  latestAnswer(platform: PlatformName, conversation: string): Promise<string | undefined>;
  /** True the first time. */
  once(
    ...what: ['share', answer: string] | ['verdict', pseudonym: string, ...verdict: string[]]
  ): Promise<boolean>;
  count(name: string): Promise<number>;
  setCount(name: string, count: number): Promise<void>;
  /** Ids of a user's answers. */
  answersOf(platform: PlatformName, user: string): Promise<Set<string>>;
  /** A user's answers and then open questions, newest last; at most the newest 2,000 answers. */
  exportUser(platform: PlatformName, user: string): Promise<(StoredAnswer | StoredQuestion)[]>;
  /** Deletes a user's questions and answers; returns how many answers there were. */
  forgetUser(platform: PlatformName, user: string): Promise<number>;
  close(): Promise<void>;
}

/** What `claim` returns for an event that needs nothing more. */
export const SETTLED = 'settled';

/** An id for an answer, its log lines and its buttons. */
export function newId(): string {
  return randomBytes(9).toString('base64url');
}

/** Stands for a user where their id must not be stored. */
export function pseudonym(platform: PlatformName, user: string): string {
  return createHash('sha256').update(`${platform}:${user}`).digest('hex').slice(0, 24);
}

/** The state in a file of records; answers are kept for `keepDays`. */
export function openState(records: Records, keepDays: number): State {
  const keepMs = keepDays * DAY_MS;
  const key = (...parts: string[]) => parts.map((part) => part.replaceAll(':', '%3A')).join(':');
  const questionKey = ({ ask, askedAt, id }: StoredQuestion) =>
    key('question', ask.platform, String(askedAt).padStart(15, '0'), id);

  async function* listAll<T>(prefix: string): AsyncGenerator<{ key: string; value: T }> {
    let after: string | undefined;
    for (;;) {
      const page = await records.list<T>(prefix, { limit: PAGE, ...(after !== undefined && { after }) });
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)?.key;
    }
  }
  const answerIds = (platform: PlatformName, user: string) =>
    listAll<string>(`${key('user', platform, user)}:`);
  const questionsOf = async (platform: PlatformName, user: string): Promise<StoredQuestion[]> => {
    const questions: StoredQuestion[] = [];
    for await (const { value } of listAll<StoredQuestion>(`${key('question', platform)}:`))
      if (value.ask.user === user) questions.push(value);
    return questions;
  };
  const loadAnswer = (id: string) => records.get<StoredAnswer>(key(ANSWER_KEY, id));

  return {
    async claim(platform, event, id) {
      const name = key('event', platform, event);
      if (await records.add(name, id, EVENT_MS)) return id;
      return (await records.get<string>(name)) ?? id;
    },
    settle: (platform, event) => records.set(key('event', platform, event), SETTLED, EVENT_MS),
    putQuestion: (question) => records.set(questionKey(question), question, keepMs),
    endQuestion: (question) => records.delete([questionKey(question)]),
    async *openQuestions(platform) {
      for await (const { value } of listAll<StoredQuestion>(`${key('question', platform)}:`)) yield value;
    },
    async putAnswer(answer) {
      const { platform, user, conversation, place } = answer.ask;
      const said = answer.outcome === 'answer' || answer.outcome === 'not-found';
      const open = answer.ask.private !== true || answer.shared === true || place.direct;
      // Side by side, they share one transaction.
      await Promise.all([
        records.set(key(ANSWER_KEY, answer.id), answer, keepMs),
        records.set(key('user', platform, user, answer.id), answer.id, keepMs),
        conversation !== undefined && said && open
          ? records.set(key('latest', platform, conversation), answer.id, keepMs)
          : undefined,
      ]);
    },
    answer: loadAnswer,
    async placeAnswer(answer, messages) {
      const all = [...new Set([...answer.messages, ...messages])];
      const { platform } = answer.ask;
      await Promise.all([
        ...messages.map((message) => records.set(key('message', platform, message), answer.id, keepMs)),
        records.set(key(ANSWER_KEY, answer.id), { ...answer, messages: all }, keepMs),
      ]);
    },
    answerOfMessage: (platform, message) => records.get<string>(key('message', platform, message)),
    latestAnswer: (platform, conversation) => records.get<string>(key('latest', platform, conversation)),
    async once(...what) {
      const [name, own] = [key('once', ...what), newId()];
      return (await records.add(name, own, keepMs)) || (await records.get(name)) === own;
    },
    count: async (name) => (await records.get<number>(key('count', name))) ?? 0,
    setCount: (name, count) => records.set(key('count', name), count, 2 * DAY_MS),
    async answersOf(platform, user) {
      const ids = new Set<string>();
      for await (const { value: id } of answerIds(platform, user)) ids.add(id);
      return ids;
    },
    async exportUser(platform, user) {
      let answers: StoredAnswer[] = [];
      const keepNewest = () => {
        answers = answers.sort((a, b) => a.at - b.at).slice(-EXPORTED);
      };
      for await (const { value: id } of answerIds(platform, user)) {
        const answer = await loadAnswer(id);
        if (answer !== undefined) answers.push(answer);
        if (answers.length === 2 * EXPORTED) keepNewest();
      }
      keepNewest();
      return [...answers, ...(await questionsOf(platform, user))];
    },
    async forgetUser(platform, user) {
      let count = 0;
      for await (const { key: indexKey, value: id } of answerIds(platform, user)) {
        const answer = await loadAnswer(id);
        const messages = (answer?.messages ?? []).map((message) => key('message', platform, message));
        await records.delete([indexKey, key(ANSWER_KEY, id), ...messages]);
        if (answer !== undefined) count += 1;
      }
      for (const question of await questionsOf(platform, user)) await records.delete([questionKey(question)]);
      for await (const { key: verdict } of listAll(`${key('once', 'verdict', pseudonym(platform, user))}:`))
        await records.delete([verdict]);
      return count;
    },
    close: () => records.close(),
  };
}
