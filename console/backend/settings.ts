/**
 * Settings, models and checks for the console. Knows the core; no screen.
 */
import {
  checkHealth,
  type Effective,
  listModels,
  pullModels,
  type Settings,
  settingFacts,
} from '../../core/index.ts';
import type { ModelRow, SettingRow } from '../state/settings.ts';
import type { Send } from './backend.ts';

const MASK = '••••••••';

export interface Rows {
  settings: SettingRow[];
  /** Path of the config file. */
  file: string;
}

/** Every setting with its value, secrets masked, and where it came from. */
export function settingRows({ settings, origins, file }: Effective): Rows {
  const rows = settingFacts().map(({ name, flag, variable, about, secret }): SettingRow => {
    const value = settings[name];
    const shown = value === undefined ? '–' : secret ? MASK : String(value);
    return { name, value: shown, origin: origins[name], flag, variable, about };
  });
  return { settings: rows, file };
}

export async function listedModels(data: string): Promise<ModelRow[]> {
  const models = await listModels(data);
  return models.map(({ entry: { name, role, about }, installed, bytes, damage }) => ({
    ...{ name, role, about, bytes, damage },
    here: installed !== undefined,
  }));
}

export async function checkAll(settings: Settings, send: Send, signal: AbortSignal): Promise<void> {
  send({ type: 'check-start' });
  for await (const check of checkHealth(settings, signal)) send({ type: 'check', check });
  send({ type: 'check-end' });
}

export async function pull(settings: Settings, name: string, send: Send, signal: AbortSignal): Promise<void> {
  for await (const event of pullModels(settings, name, signal))
    if (event.type === 'pull-progress')
      send({ type: 'pull-progress', name, done: event.bytes, total: event.bytesTotal });
  send({ type: 'pull-end', name });
  send({ type: 'models', models: await listedModels(settings.data) });
}
