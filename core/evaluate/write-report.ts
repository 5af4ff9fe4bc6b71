/**
 * Writes a report into a folder: report.md, report.json and report.html, each whole or not at all. Knows files only.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { toCoreError } from '../errors.ts';
import { chartsOf } from './charts.ts';
import type { Report } from './report.ts';
import { htmlReport } from './report-html.ts';
import { markdownReport } from './report-markdown.ts';

/** Makes the folder of a report. Throws `disk` where none can be made. */
export async function makeReportFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw toCoreError(error);
  });
}

/** @returns the paths that were written */
export async function writeReport(folder: string, report: Report): Promise<string[]> {
  const charts = await chartsOf(report.evaluation, report.overlaps);
  const files = {
    'report.html': htmlReport(report, charts),
    'report.md': markdownReport(report),
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
  };
  await makeReportFolder(folder);
  try {
    for (const [name, content] of Object.entries(files)) await writeFileAtomic(join(folder, name), content);
  } catch (error) {
    throw toCoreError(error);
  }
  return Object.keys(files).map((name) => resolve(folder, name));
}
