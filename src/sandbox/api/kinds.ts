import type { KubernetesObject } from '../../kubernetes/object.ts'
import { definitionCauses } from './crd.ts'
import { badRequest, type Cause, invalid } from './errors.ts'
import { splitVersion } from './resources.ts'

/** What the server adds to an object of a built-in kind before it is stored, in place. */
export function complete(object: KubernetesObject): void {
  if (object.kind === 'Namespace' && object.apiVersion === 'v1') {
    object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name }
  }
  if (object.kind === 'Secret' && object.apiVersion === 'v1' && object['stringData']) {
    const written = Object.entries<string>(object['stringData']).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
    object['data'] = { ...object['data'], ...Object.fromEntries(written) }
    delete object['stringData']
  }
}

/** What a new object starts with, and its creator doesn't own. */
export function begin(object: KubernetesObject): void {
  if (object.kind === 'Namespace' && object.apiVersion === 'v1') {
    object['spec'] = { finalizers: ['kubernetes'] }
    object['status'] = { phase: 'Active' }
  }
  if (object.kind === 'CustomResourceDefinition') {
    const stored = object['spec'].versions.filter((version: { storage: boolean }) => version.storage)
    object['status'] = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: stored.map(({ name }: { name: string }) => name),
    }
  }
}

const subdomain = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'
const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'

/** Source: https://github.com/kubernetes/apimachinery/blob/v0.34.1/pkg/util/validation/validation.go */
function nameCauses({ kind, metadata: { name } }: KubernetesObject): Required<Cause>[] {
  const strict = kind === 'Namespace'
  const pattern = strict ? label : subdomain
  if (new RegExp(`^${pattern}$`).test(name) && name.length <= (strict ? 63 : 253)) return []
  const rule = strict
    ? `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`
    : `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`
  return [{ reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(name)}: ${rule}`, field: 'metadata.name' }]
}

/** Refuses what a built-in kind refuses beyond its schema: throws 400 or 422. */
export function checkKind(next: KubernetesObject, live: KubernetesObject | undefined): void {
  const causes = live ? [] : nameCauses(next)
  if (next.kind === 'Secret' && next.apiVersion === 'v1') causes.push(...secretCauses(next, live))
  if (next.kind === 'Lease') checkMicroTimes(next['spec'] ?? {})
  if (next.kind === 'ConfigMap' && next.apiVersion === 'v1') causes.push(...frozenCauses(next, live, ['data', 'binaryData']))
  if (next.kind === 'CustomResourceDefinition') causes.push(...definitionCauses(next))
  if (causes.length > 0) throw invalid({ group: splitVersion(next.apiVersion).group, kind: next.kind }, next.metadata.name, causes)
}

/** metav1.MicroTime is read with exactly six digits: `Date.toISOString()` has three, and is refused. */
function checkMicroTimes(spec: Record<string, unknown>): void {
  const layout = '2006-01-02T15:04:05.000000Z07:00'
  for (const time of [spec['acquireTime'], spec['renewTime']]) {
    if (time === undefined || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/.test(String(time))) continue
    const why = `parsing time ${JSON.stringify(time)} as "${layout}": cannot parse it as ".000000"`
    throw badRequest(`Lease in version "v1" cannot be handled as a Lease: ${why}`)
  }
}

const maximum = 1024 * 1024

function secretCauses(next: KubernetesObject, live: KubernetesObject | undefined): Required<Cause>[] {
  const causes: Required<Cause>[] = []
  let size = 0
  for (const [key, value] of Object.entries<string>(next['data'] ?? {})) {
    const bad = badBase64(value)
    if (bad !== undefined)
      throw badRequest(`Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte ${bad}`)
    size += Buffer.byteLength(value, 'base64')
    if (/^[-._a-zA-Z0-9]+$/.test(key)) continue
    const rule = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`
    causes.push({ reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(key)}: ${rule}`, field: `data[${key}]` })
  }
  if (size > maximum) {
    causes.push({ reason: 'FieldValueTooLong', message: `Too long: may not be more than ${maximum} bytes`, field: 'data' })
  }
  if (live && live['type'] !== next['type']) {
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(next['type'])}: field is immutable`,
      field: 'type',
    })
  }
  return [...causes, ...frozenCauses(next, live, ['data'])]
}

/** `immutable: true` freezes the data and itself. */
function frozenCauses(next: KubernetesObject, live: KubernetesObject | undefined, fields: string[]): Required<Cause>[] {
  if (!live?.['immutable']) return []
  const message = 'Forbidden: field is immutable when `immutable` is set'
  const changed = fields.filter((field) => JSON.stringify(sorted(live[field])) !== JSON.stringify(sorted(next[field])))
  return [...(next['immutable'] ? [] : ['immutable']), ...changed].map((field) => ({ reason: 'FieldValueForbidden', message, field }))
}

function sorted(data: Record<string, string> | undefined): [string, string][] {
  return Object.entries(data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Where standard base64 stops being that, as Go's decoder counts (it skips line breaks), or undefined. */
function badBase64(value: string): number | undefined {
  const text = value.replace(/[\r\n]/g, '')
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined
  const stray = text.search(/[^A-Za-z0-9+/]/)
  return stray < 0 ? text.length - (text.length % 4) : stray
}
