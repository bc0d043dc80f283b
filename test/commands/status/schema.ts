import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import type { StatusReport } from '../../../src/terminal/status-report.ts'
import type { Ended } from '../run.ts'

const schema = JSON.parse(readFileSync(new URL('../../../docs/schema/status.v1.json', import.meta.url), 'utf8'))
const validate = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false }).compile(schema)

/** The one document of `-o json`, which is all of standard output and valid; nothing of it stands on standard error. */
export function reportIn(ended: Ended): StatusReport {
  const report = JSON.parse(ended.stdout)
  validate(report)
  expect(validate.errors).toBeNull()
  expect(report.exitCode).toBe(ended.code)
  expect(ended.stderr).toBe('')
  return report
}
