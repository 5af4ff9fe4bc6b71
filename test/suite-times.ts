/**
 * A vitest reporter: seconds of every test file and project, and the totals alone on the last line.
 */
import type { Reporter, TestModule } from 'vitest/node';

export default class SuiteTimes implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const names = [...new Set(modules.map((module) => module.project.name))];
    console.log('');
    for (const name of names) {
      const own = modules.filter((module) => module.project.name === name);
      const ms = own.reduce((sum, module) => {
        const { duration, collectDuration, setupDuration, prepareDuration, environmentSetupDuration } =
          module.diagnostic();
        return sum + duration + collectDuration + setupDuration + prepareDuration + environmentSetupDuration;
      }, 0);
      console.log(`${name}: ${own.length} files, ${(ms / 1_000).toFixed(1)} s`);
    }
    console.log(`${count('passed')} passed, ${count('failed') + broken} failed, ${count('skipped')} skipped`);
  }
}
