/**
 * What common batches bring: tokens a second of the language model of the settings, for 1, 2 and 4 askers at once. Every asker sends a
 * prompt of about 250 tokens that shares its system text with the others, and gets 32 tokens back.
 */
import { answerMessages } from '../../core/answer/prompt.ts';
import { readSettings } from '../../core/index.ts';
import { openLanguageModel } from '../../core/language-model.ts';
import type { Table } from './table.ts';

const TOKENS = 32;

export async function run(): Promise<Table[]> {
  const { settings } = readSettings({ answersAtOnce: 4 });
  const generator = await openLanguageModel(settings);
  if (generator === undefined) return [{ name: 'Language model', rows: [{ askers: 'none wanted' }] }];
  try {
    const ask = async (name: string) => {
      const text = `Town ${name} lies on a river and has a market, a mill and two bridges. `.repeat(6);
      const [system, user] = answerMessages(`What is there to see in ${name}?`, []);
      const content = `${text}\n${user?.content}`;
      const messages = [system, { role: 'user' as const, content }].filter(
        (message) => message !== undefined,
      );
      return generator.generate(messages, { maxTokens: TOKENS, temperature: 0 });
    };
    const rows: Table['rows'] = [];
    for (const askers of [1, 2, 4]) {
      const started = performance.now();
      const made = await Promise.all(Array.from({ length: askers }, (_, index) => ask(`${askers}-${index}`)));
      const seconds = (performance.now() - started) / 1000;
      const sum = (of: (one: (typeof made)[number]) => number) => made.reduce((all, one) => all + of(one), 0);
      rows.push({
        askers,
        'seconds until all are answered': seconds.toFixed(1),
        'tokens read': sum(({ pace }) => pace.readTokens),
        'tokens written': sum(({ tokens }) => tokens),
        'tokens a second': (sum(({ pace, tokens }) => pace.readTokens + tokens) / seconds).toFixed(1),
      });
    }
    return [{ name: `Askers at once: ${generator.name}, ${settings.threads} threads`, rows }];
  } finally {
    await generator.close();
  }
}
