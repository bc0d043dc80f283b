import { isDeepStrictEqual } from 'node:util'
import type { KubernetesObject, ManagedFields } from '../../kubernetes/object.ts'
import { failure } from './errors.ts'
import { difference, dotted, type FieldSet, fromFieldsV1, intersection, toFieldsV1, union, withParents } from './fields.ts'
import type { JsonObject } from './json.ts'
import { type Schema, without } from './schema.ts'
import { compare, fieldSet, merge, removePaths } from './typed.ts'

/** Who writes, in which manner, through which door. */
export interface Writer {
  manager: string
  apiVersion: string
  subresource?: string
  /** RFC 3339, to the second. */
  time: string
}

interface Owner {
  entry: Omit<ManagedFields, 'fieldsV1' | 'fieldsType'>
  set: FieldSet
}

/** Fields that nobody owns. Source: https://github.com/kubernetes/apimachinery/blob/v0.34.1/pkg/util/managedfields/internal/stripmeta.go */
const unowned = new Set([
  'f:apiVersion',
  'f:kind',
  'f:metadata',
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'generation', 'managedFields', 'resourceVersion'].map(
    (name) => `f:metadata\u001ff:${name}`,
  ),
])

/** managedFields after a PUT, POST or patch: what was added or changed is the writer's, and no longer anybody else's. */
export function trackUpdate(
  live: KubernetesObject | undefined,
  next: KubernetesObject,
  schema: Schema | undefined,
  writer: Writer,
  ignored: (path: string) => boolean = () => false,
  sent: ManagedFields[] | undefined = live?.metadata.managedFields,
): ManagedFields[] {
  // A list that is sent empty, or as one empty entry, gives up all ownership: https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields
  const cleared = sent !== undefined && !sent.some((entry) => entry.manager)
  if (cleared && live?.metadata.managedFields) return []
  const owners = decode(live?.metadata.managedFields)
  const found = compare(bare(live, next), bare(next), schema)
  const changed = difference(union(found.added, found.modified), unowned)
  const mine = new Set([...changed].filter((path) => !ignored(path)))
  for (const owner of owners) owner.set = difference(owner.set, union(found.added, found.modified, found.removed))
  if (mine.size > 0) {
    const entry = identity(writer, 'Update')
    const previous = owners.find((owner) => sameIdentity(owner.entry, entry))
    if (previous) Object.assign(previous, { set: union(previous.set, mine), entry })
    else owners.push({ entry, set: mine })
  }
  return encode(owners)
}

/**
 * Server-side apply: the object that results, managedFields included.
 * Throws 409 with a cause for each field that another manager owns and the configuration changes, unless `force`.
 * Source: https://github.com/kubernetes-sigs/structured-merge-diff/blob/v6.3.0/merge/update.go
 */
export function applyConfiguration(
  live: KubernetesObject | undefined,
  config: KubernetesObject,
  schema: Schema | undefined,
  writer: Writer,
  options: { force: boolean; ignored?: (path: string) => boolean },
): KubernetesObject {
  const before = bare(live, config)
  const owners = decode(live?.metadata.managedFields)
  const entry = identity(writer, 'Apply')
  const previous = owners.find((owner) => sameIdentity(owner.entry, entry))
  const others = owners.filter((owner) => owner !== previous)
  const mine = difference(fieldSet(bare(config), schema), unowned)
  for (const path of mine) if (options.ignored?.(path)) mine.delete(path)

  const merged = merge(before, bare(config), schema) as JsonObject
  const dropped = previous ? withParents(previous.set) : new Set<string>()
  const owned = withParents(union(mine, ...others.map((owner) => owner.set)))
  const next = removePaths(merged, difference(difference(dropped, owned), unowned), schema)

  const found = compare(before, next, schema)
  const touched = difference(union(found.added, found.modified), unowned)
  if (!options.force) refuseConflicts(others, touched)
  for (const owner of others) owner.set = difference(owner.set, union(touched, found.removed))

  // An apply that changes no value leaves the time as it was, even where that is none, as the real server does.
  const { time: _, ...timeless } = entry
  const last = previous?.entry.time
  const kept = last === undefined ? timeless : { ...timeless, time: last }
  const managedFields = encode([...others, { entry: isDeepStrictEqual(before, next) ? kept : entry, set: mine }])
  const object = next as unknown as KubernetesObject
  return { ...object, metadata: { ...object.metadata, managedFields } }
}

function refuseConflicts(others: Owner[], touched: FieldSet): void {
  const found = others.flatMap((owner) => [...intersection(owner.set, touched)].sort().map((path) => ({ who: printed(owner), path })))
  if (found.length === 0) return
  const causes = found.map(({ who, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${who}`,
    field: dotted(path),
  }))
  throw failure(409, 'Conflict', conflictText(found), { causes })
}

/** Source: https://github.com/kubernetes/apimachinery/blob/v0.34.1/pkg/util/managedfields/internal/conflict.go */
function conflictText(found: { who: string; path: string }[]): string {
  const [only] = found
  if (only && found.length === 1) return `Apply failed with 1 conflict: conflict with ${only.who}: ${dotted(only.path)}`
  const managers = [...new Set(found.map(({ who }) => who))].sort()
  const lines = managers.flatMap((who) => [
    `conflicts with ${who}:`,
    ...found.filter((each) => each.who === who).map((each) => `- ${dotted(each.path)}`),
  ])
  return `Apply failed with ${found.length} conflicts: ${lines.join('\n')}`
}

function printed({ entry }: Owner): string {
  const name = JSON.stringify(entry.manager) + (entry.subresource ? ` with subresource ${JSON.stringify(entry.subresource)}` : '')
  return entry.operation === 'Update' ? `${name} using ${entry.apiVersion}` : name
}

function identity(writer: Writer, operation: ManagedFields['operation']): Owner['entry'] {
  const { manager, apiVersion, time, subresource } = writer
  return { manager, operation, apiVersion, time, ...(subresource && { subresource }) }
}

/** An applier stays the same manager when it moves to another version of the API; an updater doesn't. */
function sameIdentity(a: Owner['entry'], b: Owner['entry']): boolean {
  const door = a.manager === b.manager && a.operation === b.operation && a.subresource === b.subresource
  return door && (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
}

function decode(entries: ManagedFields[] = []): Owner[] {
  return entries.map(({ fieldsV1, fieldsType: _, ...entry }) => ({ entry, set: fromFieldsV1(fieldsV1) }))
}

/** In the order of the real server: operation, time, manager, version, subresource. */
function encode(owners: Owner[]): ManagedFields[] {
  const rank = ({ entry }: Owner) =>
    [entry.operation, entry.time ?? '', entry.manager, entry.apiVersion, entry.subresource ?? ''].join('\u0000')
  const sorted = owners.filter((owner) => owner.set.size > 0).sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
  return sorted.map(({ entry: { manager, operation, apiVersion, time, subresource }, set }) => ({
    manager,
    operation,
    apiVersion,
    ...(time && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(set),
    ...(subresource && { subresource }),
  }))
}

/** The object as a tree without managedFields; an absent one is an empty object of the same kind. */
function bare(object: KubernetesObject | undefined, like?: KubernetesObject): JsonObject {
  if (!object) return { apiVersion: like?.apiVersion ?? '', kind: like?.kind ?? '', ...skeleton(like) }
  const tree = structuredClone(object) as unknown as JsonObject
  return { ...tree, metadata: without(tree['metadata'] as JsonObject, 'managedFields') }
}

/** Built-in types have structs that are always there, so nobody becomes the owner of `spec` itself by creating it. */
function skeleton(like: KubernetesObject | undefined): JsonObject {
  const structs: Record<string, JsonObject> = {
    Deployment: { spec: { strategy: {}, template: { metadata: {}, spec: {} } }, status: {} },
    Pod: { spec: {}, status: {} },
    Service: { spec: {}, status: { loadBalancer: {} } },
    Namespace: { spec: {}, status: {} },
    Lease: { spec: {} },
    CustomResourceDefinition: { spec: { names: {} }, status: { acceptedNames: {} } },
    Event: { involvedObject: {}, source: {} },
  }
  return { metadata: {}, ...structs[like?.kind ?? ''] }
}
