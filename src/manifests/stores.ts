import { type Document, isMap, isScalar, type Node, type Pair, type YAMLMap } from 'yaml'
import type { Source } from './source.ts'

/** A store of 1Password, as it stands in a file. */
export interface Store {
  kind: 'ClusterSecretStore' | 'SecretStore'
  name: string
  namespace: string | undefined
  document: Document.Parsed
  /** Its document's index, and the way from there to its `vaults`. */
  index: number
  path: readonly (string | number)[]
  /** What its provider says, as plain data. */
  says: Readonly<Record<string, unknown>>
  /** The same as it is written; nothing if an alias stands there. */
  written: YAMLMap | undefined
  /** Where the name of the provider stands. */
  named: number
  /** Where `vaults` stands, or else the name of the provider. */
  offset: number
}

/** Connect's provider, the one without Connect, and how the first is misspelt: https://external-secrets.io/latest/provider/1password-automation/ */
export type Provider = 'onepassword' | 'onepasswordSDK' | 'onepwd'

/** The file's stores of that provider. An object's own kind decides: CRDs and ExternalSecrets name stores too. */
export function storesIn(source: Source, provider: Provider): Store[] {
  return source.documents.flatMap((document, index) =>
    objectsIn(source.models[index]).flatMap(({ object, path }): Store[] => {
      const kind = object['kind']
      const says = inside(object, ['spec', 'provider', provider])
      if (kind !== 'ClusterSecretStore' && kind !== 'SecretStore') return []
      if (!String(object['apiVersion']).startsWith('external-secrets.io/') || !isRecord(says)) return []
      const way = [...path, 'spec', 'provider', provider]
      const providers = document.getIn(way.slice(0, -1), true)
      const pair = isMap(providers) ? pairOf(providers, provider) : undefined
      const written = isMap(pair?.value) ? pair.value : undefined
      const named = pair?.key.range?.[0] ?? document.range[0]
      return [
        {
          kind,
          name: String(inside(object, ['metadata', 'name']) ?? ''),
          namespace: textOf(inside(object, ['metadata', 'namespace'])),
          document,
          index,
          path: [...way, 'vaults'],
          says,
          written,
          named,
          offset: (written && pairOf(written, 'vaults')?.key.range?.[0]) ?? named,
        },
      ]
    }),
  )
}

/** The pair of a map with that key. */
export function pairOf(map: YAMLMap, name: string): Pair<Node, Node | null> | undefined {
  return map.items.find(({ key }: Pair) => isScalar(key) && key.value === name) as Pair<Node, Node | null> | undefined
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectsIn(model: unknown): { object: Record<string, unknown>; path: (string | number)[] }[] {
  if (!isRecord(model)) return []
  const items = model['kind'] === 'List' ? model['items'] : undefined
  if (!Array.isArray(items)) return [{ object: model, path: [] }]
  return items.flatMap((object, index) => (isRecord(object) ? [{ object, path: ['items', index] }] : []))
}

function inside(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), value)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
