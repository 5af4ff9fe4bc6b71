import { describe, expect, test } from 'vitest';
import { askedLength } from '../../core/question/asked-length.ts';

describe('askedLength', () => {
  test.each([
    ['Who built the Tarn Bridge? In one sentence.', 'Who built the Tarn Bridge?', 1],
    ['In one sentence: who built the Tarn Bridge?', 'who built the Tarn Bridge?', 1],
    ['Who built the Tarn Bridge, in two sentences?', 'Who built the Tarn Bridge?', 2],
    ['who built the tarn bridge in 3 sentences please', 'who built the tarn bridge', 3],
    ['Briefly, what is a tarn?', 'what is a tarn?', 1],
    ['In one sentence what is a tarn?', 'what is a tarn?', 1],
    ['What is a tarn (in detail)?', 'What is a tarn?', 6],
    ['Wer baute die Brücke? Bitte in einem Satz.', 'Wer baute die Brücke?', 1],
    ['Was ist ein Karsee, kurz?', 'Was ist ein Karsee?', 1],
    ['Qui a construit le pont, en une phrase ?', 'Qui a construit le pont?', 1],
    ['¿Quién construyó el puente? En dos frases.', '¿Quién construyó el puente?', 2],
    ['この橋は誰が建てましたか？一文で', 'この橋は誰が建てましたか？', 1],
    ['用一句话谁建造了这座桥？', '谁建造了这座桥？', 1],
  ])('reads the wish of “%s” and takes it out of what is searched for', (asked, question, sentences) => {
    expect(askedLength(asked)).toEqual({ question, sentences });
  });

  test.each([
    'Who built the Tarn Bridge?',
    'Who was given 200 years in one sentence by a court?',
    'What does the phrase in brief mean in law?',
    'In one sentence',
    'kurz',
    'Who was Kurz',
    'Which king reigned briefly?',
    'In Brief Encounter, who plays Laura?',
    'Kurz was chancellor of Austria until when?',
    'In a word processor, what is a macro?',
    'At length scales below a nanometre, what dominates?',
    'In short supply during the war was what?',
    'In one sentence of the constitution, what is banned?',
  ])('leaves “%s” as it is', (question) => {
    expect(askedLength(question)).toEqual({ question, sentences: 3 });
  });

  test('does not lose itself in a question of nothing but marks', () => {
    const question = `Who? ${', . ; '.repeat(330)}in one word in one`;
    expect(askedLength(question)).toEqual({ question, sentences: 3 });
  });
});
