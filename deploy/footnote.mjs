#!/usr/bin/env node
// @ts-check
/**
 * The `footnote` program and `npm start`: in a checkout, it first sets up what is missing; then the command line runs.
 * An installed Footnote sets up nothing unasked: `footnote doctor` shows what is missing, `footnote setup` installs it.
 */
import { isCheckout } from './place.mjs';
import { setUp, setupNeeded } from './setup.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Footnote needs Node.js 20.19 or newer; this is ${process.versions.node}.\n`);
  process.stderr.write('Get a newer one from nodejs.org.\n');
  process.exitCode = 1;
} else {
  if (isCheckout && setupNeeded()) process.exitCode = await setUp();
  if (!process.exitCode) await import(new URL('../dist/console/main.js', import.meta.url).href);
}
