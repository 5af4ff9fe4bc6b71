/**
 * The console where a hub is in reach, typed into a real terminal: a model is pulled, a data set of the hub is built with it, a language
 * model's answer streams in, and a build is removed.
 */
import { mkdir, mkdtemp, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPaths } from '../../core/store/build-folder.ts';
import { type Hub, startHub } from '../fakes/hub.ts';
import { towns } from '../fixtures/almanac.ts';
import { footnoteCommand } from '../fixtures/command.ts';
import { asParquet, type PlaceRecord } from '../fixtures/corpus.ts';
import { openTerminal, type Terminal, withoutTmux } from '../fixtures/tmux.ts';
import { realWeights, WEIGHTS_DATA, without } from '../fixtures/weights.ts';

const weights = await realWeights('all-MiniLM-L6-v2');
const SMOL = 'SmolLM2-135M-Instruct-Q4_1';
const smol = await realWeights(SMOL);
const missing = (await withoutTmux()) ?? (typeof weights === 'string' ? without(weights) : undefined);
const MODEL = 'multi-qa-MiniLM-L6-cos-v1';
const DATA_SET = 'almanac/towns/20240101.en';
const LONG_MS = 300_000;
const COLUMNS = 120;
/** Wide, combined and composed letters. */
const TITLE = '東京 de\u0301ja\u0300 👩‍🌾';

function records(): PlaceRecord[] {
  return towns(40, 0).map(({ title, text }, index) => ({
    id: String(index + 1),
    title: index === 0 ? TITLE : title,
    url: `https://en.wikipedia.org/wiki/${index + 1}`,
    text: index === 0 ? text.replaceAll(title, TITLE) : text,
    kind: 'article',
  }));
}

describe.skipIf(missing !== undefined)(
  `the console beside a hub${missing === undefined ? '' : ` (left out: ${missing})`}`,
  () => {
    let data: string;
    let hub: Hub;
    let terminal: Terminal;
    beforeAll(async () => {
      data = await mkdtemp(join(tmpdir(), 'footnote-console-'));
      const { folder } = weights as Exclude<typeof weights, string>;
      const names = ['config.json', 'tokenizer_config.json', 'tokenizer.json', 'onnx/model.onnx'];
      const files = await Promise.all(
        names.map(async (name) => [
          `Xenova/${MODEL}/resolve/main/${name}`,
          new Uint8Array(await readFile(join(folder, name))),
        ]),
      );
      const rows = `datasets/${DATA_SET.replace(/\/(?=2)/, '/resolve/main/')}/train-0.parquet`;
      hub = await startHub({
        files: { ...Object.fromEntries(files), [rows]: asParquet(records()) },
        cdn: true,
      });
      await mkdir(join(data, 'models'));
      await symlink(join(WEIGHTS_DATA, 'models', SMOL), join(data, 'models', SMOL));
      terminal = await console_('none');
    }, LONG_MS);
    const console_ = (generator: string) => {
      const { command, env } = footnoteCommand(['console', '--data', data, '--generator', generator]);
      return openTerminal({
        ...{ columns: COLUMNS, rows: 40, command },
        env: { ...env, HF_ENDPOINT: hub.endpoint },
      });
    };
    const build = async (name: string) => {
      await terminal.press('2', 'n');
      await terminal.sees(/New build/);
      await terminal.type(`hf:${DATA_SET}`);
      await terminal.press('Tab');
      await terminal.type(name);
      await terminal.press('C-s');
      await terminal.sees(new RegExp(`● +${name} .*1\\.000`), LONG_MS);
    };
    afterAll(async () => {
      await terminal.close();
      await hub.close();
      await rm(data, { recursive: true, force: true });
    });

    it('pulls the model that is chosen, from the hub', async () => {
      await terminal.sees(/No build answers questions/);
      await terminal.press('7', 't');
      await terminal.sees(new RegExp(`${MODEL} +embedding +–`));
      await terminal.press('p');
      await terminal.sees(new RegExp(`${MODEL} +embedding +9\\d(\\.\\d)? MB`), LONG_MS);
      expect(hub.requests.some(({ url }) => url.includes(`/${MODEL}/`))).toBe(true);
    });

    it('builds a data set of the hub with it', async () => {
      await build('first');
    });

    it('shows a passage with wide and combined letters without breaking its frame', async () => {
      await terminal.press('4');
      await terminal.type(`Who founded ${TITLE}?`);
      await terminal.press('Enter');
      const screen = await terminal.sees(/\[1\] /);
      expect(screen).toContain('東京');
      const framed = screen.split('\n').filter((line) => line.startsWith('│'));
      expect(framed.length).toBeGreaterThan(10);
      for (const line of framed) expect([line, stringWidth(line)]).toEqual([line, COLUMNS]);
    });

    it('removes a build that does not answer, once that is confirmed', async () => {
      await terminal.press('Escape');
      await build('second');
      await terminal.press('Down', 'x');
      await terminal.sees(/Remove .*first/);
      await terminal.press('y');
      await terminal.sees(/first.* removed|Removed.*first/i);
      await expect(stat(buildPaths(data, 'first').folder)).rejects.toThrow(/ENOENT/);
    });

    it.skipIf(typeof smol === 'string')('shows what a language model is sent, and its answer', async () => {
      const writing = await console_(SMOL);
      try {
        const [, town] = towns(2, 0);
        await writing.sees(/second .*live/);
        await writing.press('4');
        await writing.type(`Who founded ${town?.title}?`);
        await writing.press('Enter');
        await writing.sees(/\[1\] /, LONG_MS);
        await writing.press('t', 't');
        await writing.sees(/Answer the question from the numbered passages only/);
      } finally {
        await writing.close();
      }
    });
  },
);
