#!/usr/bin/env node
// @ts-check
/**
 * The `footnote` program and `npm start`: in a checkout, what is missing is set up first; then the command line runs.
 * An installed Footnote never sets up unasked: `footnote doctor` tells what is missing, `footnote setup` brings it.
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
