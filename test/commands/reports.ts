import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import type { Ended } from './run.ts'

/** A published schema, compiled; not `strictRequired` where alternatives require what the whole describes. */
export function schemaNamed(name: 'init' | 'rotation' | 'status' | 'verify' | 'doctor', { strictRequired = false } = {}): ValidateFunction {
  const schema = JSON.parse(readFileSync(new URL(`../../docs/schema/${name}.v1.json`, import.meta.url), 'utf8'))
  return new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired }).compile(schema)
}

/** Reads the one document of `-o json`, which is all of standard output and valid; nothing of it stands on standard error. */
export function reader<Report extends { exitCode: number }>(validate: ValidateFunction): (ended: Ended) => Report {
  return (ended) => {
    const report = JSON.parse(ended.stdout)
    validate(report)
    expect(validate.errors).toBeNull()
    expect(report.exitCode).toBe(ended.code)
    expect(ended.stderr).toBe('')
    return report
  }
}
