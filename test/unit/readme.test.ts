import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settingFacts } from '../../core/config.ts';
import { METHODS } from '../../core/retrieve/methods.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('names every setting with its flag, its variable and its own sentence', () => {
    for (const { flag, variable, about } of settingFacts())
      expect(readme).toContain(`| \`${flag}\` | \`${variable}\` | ${about} |`);
  });

  it('prints every method with its plan', () => {
    for (const [name, { plan }] of Object.entries(METHODS)) {
      expect(readme).toContain(`\`${name}\``);
      expect(readme).toContain(`\`${plan}\``);
    }
  });

  it('shows both commands', () => {
    expect(readme).toContain('npm start ');
    expect(readme).toContain('npm test ');
  });
});
