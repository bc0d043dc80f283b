import type { KubernetesObject } from './object.ts'

/** When a field manager last wrote to the object, in milliseconds by the API server's clock; undefined if it never did. */
export function writtenBy(object: KubernetesObject, manager: string): number | undefined {
  const times = (object.metadata.managedFields ?? []).flatMap((each) =>
    each.manager === manager && each.time ? [Date.parse(each.time)] : [],
  )
  return times.length === 0 ? undefined : Math.max(...times)
}

/**
 * The field managers that own a field, from `managedFields`. `path` is the way to it, such as `['data', 'token']`.
 * Format: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function fieldOwners(object: KubernetesObject, path: readonly string[]): string[] {
  const owners = (object.metadata.managedFields ?? []).filter(({ fieldsV1 }) => {
    let fields: unknown = fieldsV1
    for (const name of path) fields = (fields as Record<string, unknown> | undefined)?.[`f:${name}`]
    return fields !== undefined
  })
  return [...new Set(owners.map(({ manager }) => manager))]
}
