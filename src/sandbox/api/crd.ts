import type { KubernetesObject } from '../../kubernetes/object.ts'
import { kindSchema } from './builtin-schemas.ts'
import { byAge } from './discovery.ts'
import type { Cause } from './errors.ts'
import { allVerbs, groupVersion, type ResourceType } from './resources.ts'
import type { Schema } from './schema.ts'
import { timestamp } from './store.ts'

/** The kinds that a CustomResourceDefinition makes: one a served version, the storage version's order of preference aside. */
export function customTypes(crd: KubernetesObject): ResourceType[] {
  const { group, names, scope, versions } = crd['spec']
  const served: KubernetesObject[] = versions.filter((version: { served: boolean }) => version.served)
  return served.map((version) => ({
    group,
    version: version['name'],
    plural: names.plural,
    kind: names.kind,
    namespaced: scope === 'Namespaced',
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs: allVerbs,
    subresources: version['subresources']?.status ? ['status'] : [],
    schema: rootSchema(version['schema']?.openAPIV3Schema),
    counts: true,
    custom: true,
    ...(version['additionalPrinterColumns'] && { columns: version['additionalPrinterColumns'] }),
    ...(version['deprecated'] && { deprecated: version['deprecationWarning'] ?? deprecation(crd, version['name']) }),
  }))
}

/** metadata, apiVersion and kind are the server's own, whatever the schema says of them. */
function rootSchema(schema: Schema | undefined): Schema {
  const { metadata: _, apiVersion: __, kind: ___, ...fields } = schema?.properties ?? {}
  return { ...schema, ...kindSchema(fields), ...(schema?.required && { required: schema.required }) }
}

/** Names the best version to use instead, if there is one. Source: https://github.com/kubernetes/apiextensions-apiserver/blob/v0.34.1/pkg/apiserver/customresource_handler.go */
function deprecation(crd: KubernetesObject, version: string): string {
  const { group, names, versions } = crd['spec']
  const others: KubernetesObject[] = versions.filter((each: KubernetesObject) => each['served'] && !each['deprecated'])
  const [best] = others.map((each): string => each['name']).sort(byAge)
  const shown = (name: string) => `${groupVersion({ group, version: name })} ${names.kind}`
  const instead = best !== undefined && byAge(best, version) < 0 ? `; use ${shown(best)}` : ''
  return `${shown(version)} is deprecated${instead}`
}

/** The status of a definition that was accepted: its names first, then that it is served. */
export function statusOf(crd: KubernetesObject, now: Date, isEstablished: boolean): object {
  const { names, versions } = crd['spec']
  const lastTransitionTime = timestamp(now)
  const stored = versions.find((version: { storage: boolean }) => version.storage)
  return {
    acceptedNames: { listKind: `${names.kind}List`, singular: names.kind.toLowerCase(), ...names },
    conditions: [
      { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found', lastTransitionTime },
      {
        type: 'Established',
        status: isEstablished ? 'True' : 'False',
        reason: isEstablished ? 'InitialNamesAccepted' : 'Installing',
        message: 'the initial names have been accepted',
        lastTransitionTime,
      },
    ],
    storedVersions: stored ? [stored.name] : [],
  }
}

/** What is wrong with a definition beyond its schema. Source: https://github.com/kubernetes/apiextensions-apiserver/blob/v0.34.1/pkg/apis/apiextensions/validation/validation.go */
export function definitionCauses(crd: KubernetesObject): Required<Cause>[] {
  const { group, names, versions } = crd['spec']
  const causes: Required<Cause>[] = []
  const invalid = (field: string, shown: unknown, why: string) =>
    causes.push({ reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(shown)}: ${why}`, field })
  if (crd.metadata.name !== `${names.plural}.${group}`) {
    invalid('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group')
  }
  const stored = versions.filter((version: { storage: boolean }) => version.storage)
  if (stored.length !== 1) invalid('spec.versions', versions, 'must have exactly one version marked as storage version')
  versions.forEach((version: KubernetesObject, index: number) => {
    if (version['schema']?.openAPIV3Schema) return
    const field = `spec.versions[${index}].schema.openAPIV3Schema`
    causes.push({ reason: 'FieldValueRequired', message: 'Required value: schemas are required', field })
  })
  return causes
}
