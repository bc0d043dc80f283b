import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import type { Expiry } from '../../../src/commands/check-expiry.ts'
import type { RotationReport } from '../../../src/terminal/rotation-report.ts'
import type { Ended } from '../run.ts'

const schema = JSON.parse(readFileSync(new URL('../../../docs/schema/rotation.v1.json', import.meta.url), 'utf8'))
const validate = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false }).compile(schema)

/** The one document of `-o json`, which is all of standard output and valid; nothing of it stands on standard error. */
export function reportIn(ended: Ended): RotationReport & { tokens?: Expiry[] } {
  const report = JSON.parse(ended.stdout)
  validate(report)
  expect(validate.errors).toBeNull()
  expect(report.exitCode).toBe(ended.code)
  expect(ended.stderr).toBe('')
  return report
}

/** What became of each step of a cluster, by its id. */
export function statesIn({ clusters }: RotationReport, at = 0): Record<string, string> {
  return Object.fromEntries(clusters[at]?.steps.map(({ id, state }) => [id, state]) ?? [])
}

/** The errors of all clusters and of the run, by their ids. */
export function idsIn({ clusters, errors }: RotationReport): string[] {
  return [...clusters.flatMap((each) => each.errors), ...errors].map(({ id }) => id)
}
