import { readdirSync, readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

interface Definition {
  group: string
  kind: string
  versions: Record<string, { served: boolean; schema: object }>
}

const folder = new URL('../fixtures/crds/', import.meta.url)
const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false })
const compiled = new Map<string, ValidateFunction | 'not served'>()

/** What these releases' CRDs have against an object; nothing if it is right, undefined if none of them knows its kind. */
export function objectionsOf(releases: readonly string[], object: { apiVersion: string; kind: string }): string[] | undefined {
  for (const release of releases) {
    if (!readdirSync(new URL(release, folder)).includes(`${object.kind}.json`)) continue
    const validate = validatorFor(release, object.kind, object.apiVersion)
    if (validate === undefined) continue
    if (validate === 'not served') return [`${release} does not serve ${object.apiVersion}`]
    validate(object)
    return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
  }
  return undefined
}

/** The values that this chart knows where the templates set some, with their defaults. */
export function chartValues(release: string): Record<string, unknown> {
  return (JSON.parse(readFileSync(new URL(`${release}/values.json`, folder), 'utf8')) as { values: Record<string, unknown> }).values
}

function validatorFor(release: string, kind: string, apiVersion: string): ValidateFunction | 'not served' | undefined {
  const key = `${release} ${kind} ${apiVersion}`
  const known = compiled.get(key)
  if (known) return known
  const { group, versions } = JSON.parse(readFileSync(new URL(`${release}/${kind}.json`, folder), 'utf8')) as Definition
  const [of, version = ''] = apiVersion.split('/')
  if (of !== group) return undefined
  const made = versions[version]?.served ? ajv.compile(versions[version].schema) : 'not served'
  compiled.set(key, made)
  return made
}
