/**
 * `footnote bots`: the Discord and Slack adapters, in a process of their own. Knows how that process is started and ended.
 */
import { once } from 'node:events';
import { type Command, Option } from 'commander';
import { forkBots } from '../bots-process.ts';
import type { Context, Runner } from '../context.ts';

const CANCELLED = 130;

interface BotsOptions {
  only?: string;
  printSetup?: boolean;
  trace?: string;
}

export function addBots(program: Command, run: Runner): void {
  program
    .command('bots')
    .summary('answer in Discord and Slack')
    .description(
      'Connects to the platforms whose tokens are set, and answers until it is stopped; SIGTERM lets it finish within 10 s.',
    )
    .addOption(
      new Option('--only <platform>', 'one platform, even if both tokens are set').choices([
        'discord',
        'slack',
      ]),
    )
    .option('--print-setup', 'print the invite link, permissions, commands and the app manifest, and end')
    .option('--trace <id>', 'print how the answer with this id came about, and end')
    .addHelpText(
      'after',
      `
Examples:
  footnote bots --print-setup
  footnote bots --trace Xq3nC0aV2mZ1
  DISCORD_TOKEN=… footnote bots
  SLACK_BOT_TOKEN=… SLACK_APP_TOKEN=… footnote bots --only slack`,
    )
    .action(run(bots));
}

/** Runs the bots until they end; returns their exit status. */
export async function bots(
  { settings, json, signal }: Context,
  { only, printSetup = false, trace }: BotsOptions,
): Promise<number> {
  const child = forkBots(['ignore', 'inherit', 'inherit', 'ipc']);
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  child.send({ settings, only, printSetup, trace, json });
  const [status] = await once(child, 'exit');
  // A service manager's SIGTERM ends them in good order; a person's Ctrl-C cancels, as everywhere.
  return status === 0 && (signal.reason as Error | undefined)?.cause === 'SIGINT' ? CANCELLED : (status ?? 1);
}
