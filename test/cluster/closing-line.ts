import type { Reporter, TestModule } from 'vitest/node'

/** Ends a suite's output with the one line that people and scripts look for: "12 passed, 0 failed". */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
    const count = (wanted: string) => states.filter((state) => state === wanted).length
    // A file that can't be loaded, and an error outside of any test, fail the run as well.
    const broken = modules.filter((module) => module.state() === 'failed' && module.errors().length > 0).length + errors.length
    process.stdout.write(`${count('passed')} passed, ${count('failed') + broken} failed\n`)
  }
}
