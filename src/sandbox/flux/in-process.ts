import { customTypes } from '../api/crd.ts'
import { createPages } from '../api/read.ts'
import { createRegistry } from '../api/resources.ts'
import type { ObjectStore } from '../api/store.ts'
import { patchObject } from '../api/write.ts'
import { kinds } from '../kinds.ts'
import type { Apply } from './apply.ts'

/**
 * Server-side apply through the API server's own handler, with its admission, conflicts and managedFields, but without a
 * request: what the actors do isn't in the server's request log.
 */
export function inProcessApply(store: ObjectStore): Apply {
  const registry = createRegistry()
  const serve = (crd: Parameters<typeof customTypes>[0], gone = false) =>
    registry.replace(crd['spec'].group, crd['spec'].names.kind, gone ? [] : customTypes(crd))
  for (const crd of store.list(kinds.crd)) serve(crd)
  store.onChange(({ type, object }) => {
    if (object.kind === kinds.crd.kind) serve(object, type === 'DELETED')
  })
  const context = { store, registry, pages: createPages(), logs: new Map(), listening: () => undefined, version: '', now: () => new Date() }

  return (object, { manager, dryRun }) => {
    const { apiVersion, kind, metadata } = object
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
    const type = registry.types().find((each) => each.group === group && each.version === version && each.kind === kind)
    if (!type) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`)
    if (type.namespaced && metadata.namespace === undefined)
      throw new Error(`namespace not specified: the server could not find the requested resource`)
    const query = new URLSearchParams({ fieldManager: manager, force: 'true', ...(dryRun ? { dryRun: 'All' } : {}) })
    patchObject(context, {
      type,
      verb: 'patch',
      namespace: type.namespaced ? metadata.namespace : undefined,
      name: metadata.name,
      subresource: undefined,
      query,
      user: { name: manager, token: '', groups: [], admin: true, rules: [] },
      manager,
      contentType: 'application/apply-patch+yaml',
      body: JSON.parse(JSON.stringify(object)),
      warn: () => {},
    })
  }
}
