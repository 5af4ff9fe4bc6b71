/**
 * Answers one question and measures the answer. Knows what it is compared with; `evaluate/` knows the measures.
 */

import { supports } from './answer/support.ts';
import { ask } from './ask.ts';
import { citationQuality, contained, exactMatch, f1 } from './evaluate/answer-measures.ts';
import type { AnsweredRow } from './evaluate/evaluation.ts';
import type { Question } from './evaluate/question.ts';
import { resultOf } from './runtime/events.ts';
import type { Session } from './session.ts';
import type { Answer, Chunk, Hit } from './types.ts';

/** Asks one question and measures the answer; only the text of the question's row is asked. */
export async function answerRow(
  session: Session,
  method: string,
  question: Question,
  signal: AbortSignal | undefined,
): Promise<AnsweredRow> {
  const tokens = { prompt: 0, answer: 0 };
  const asking = ask(counting(session, tokens), { question: question.question, method }, signal);
  let hits: Hit[] = [];
  const answer = await resultOf(asking, (event) => {
    if (event.type === 'retrieve-end') hits = event.hits;
  });
  const { abstained, timings, warnings } = answer;
  const text = answer.sentences.map((sentence) => sentence.text).join(' ');
  const { recall, precision } = await citationsOf(answer, hits);
  return {
    qid: question.qid,
    text: answer.text,
    abstained,
    exactMatch: abstained ? 0 : exactMatch(text, question.answers),
    f1: abstained ? 0 : f1(text, question.answers),
    contained: abstained ? 0 : contained(text, question.answers),
    citationRecall: recall,
    citationPrecision: precision ?? null,
    sentences: {
      supported: answer.sentences.filter(({ supported }) => supported).length,
      all: answer.sentences.length,
    },
    confidence: confidenceOf(hits),
    tokens,
    ms: {
      retrieve: Math.round(timings.retrieveMs),
      firstText: Math.round(timings.retrieveMs + timings.firstTokenMs),
      total: Math.round(timings.totalMs),
    },
    ...(warnings.length > 0 && { warnings }),
  };
}

/** How well the best passage fits: by the cross-encoder where it read any (scores are rescaled per question), else by score. */
function confidenceOf(hits: Hit[]): number {
  const logits = hits.flatMap(({ logit }) => logit ?? []);
  return logits.length > 0 ? Math.max(...logits) : (hits[0]?.score ?? 0);
}

/** Judges sentences against the whole passages they cite, with the support check that answers are written with. */
function citationsOf({ question, sentences, citations }: Answer, hits: Hit[]) {
  const passages = new Map(hits.map(({ chunk }) => [chunk.id, chunk]));
  const cited = new Map(citations.map(({ number, chunkId }) => [number, passages.get(chunkId)]));
  return citationQuality(
    sentences.map((sentence) => ({
      text: sentence.text,
      cited: sentence.citations.flatMap((number) => cited.get(number) ?? []),
    })),
    (sentence, chunks) => supports(sentence, joined(chunks), question).supported,
  );
}

/** Several passages as one. */
function joined(chunks: Chunk[]): Pick<Chunk, 'title' | 'section' | 'text' | 'language'> {
  const [first] = chunks as [Chunk, ...Chunk[]];
  return {
    title: [...new Set(chunks.map(({ title }) => title))].join(', '),
    section: chunks.length === 1 ? first.section : [],
    text: chunks.map(({ text }) => text).join('\n\n'),
    language: first.language,
  };
}

/** The session, counting its language model's tokens. */
function counting(session: Session, tokens: { prompt: number; answer: number }): Session {
  return {
    ...session,
    generator: async () => {
      const generator = await session.generator();
      if (generator === undefined) return undefined;
      return {
        ...generator,
        async generate(messages, options) {
          const generated = await generator.generate(messages, options);
          tokens.prompt += generated.promptTokens;
          tokens.answer += generated.tokens;
          return generated;
        },
      };
    },
  };
}
