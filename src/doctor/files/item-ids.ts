import { Failure } from '../../failure.ts'
import { mapAt, mapsOf } from '../../manifests/documents.ts'
import { lineOf } from '../../manifests/line.ts'
import { everyExternalSecret } from '../../status/external-secrets.ts'
import type { FilesCheck, Finding, NotSeen } from '../check.ts'
import { isOlder } from '../older.ts'
import type { FilesWorld } from '../world.ts'
import { builtObjects } from './built.ts'
import { fewest } from './fewest.ts'
import { operatorVersion } from './operator-version.ts'
import { storesOf } from './stores-of.ts'

export const itemIdSupported: FilesCheck = {
  id: 'item-id-supported',
  category: 'files',
  title: 'the operator understands ids of items, where an ExternalSecret names one',
  severity: 'warning',
  needs: ['folder-readable'],
  page: {
    symptom: 'An ExternalSecret fails with: key not found in 1Password Vaults, followed by the id of an item that is there.',
    cause: 'External Secrets Operator understands the ids of items since 2.2.0; before, it takes them for titles.',
    fix: 'Name the item by its title, or update the operator.',
    sources: [
      'https://github.com/external-secrets/external-secrets/issues/6070',
      'https://github.com/external-secrets/external-secrets/pull/6073',
      'https://external-secrets.io/latest/provider/1password-automation/',
    ],
  },
  looksAt: 'files',
  async look(world) {
    const version = await operatorVersion(world)
    if (!isOlder(version, [2, 2, 0])) return []
    const [files, cluster] = await Promise.all([inFiles(world), inCluster(world).catch(notSeen)])
    const found = [...files, ...('notSeen' in cluster ? [] : cluster)]
    const findings = found.map(({ about, key, at }): Finding => {
      const why = `It names the item ${key} by its id, which External Secrets Operator ${version} takes for a title.`
      return { about, why, fix: ['Name the item by its title, or update External Secrets Operator to 2.2.0 or newer.'], ...(at && { at }) }
    })
    const distinct = new Map(findings.toReversed().map((each) => [each.about, each]))
    return [...fewest([...distinct.values()].toReversed(), 'ExternalSecrets'), ...('notSeen' in cluster ? [cluster] : [])]
  },
}

interface Named {
  about: string
  key: string
  at?: { path: string; line: number }
}

async function inFiles(world: FilesWorld): Promise<Named[]> {
  const [tree, objects, stores] = await Promise.all([world.places.tree(), builtObjects(world), storesOf(world)])
  const names = new Set(stores.map(({ says }) => says.replace(/^SecretStore .*\//, 'SecretStore ')))
  const found = objects
    .filter(({ object }) => object['kind'] === 'ExternalSecret')
    .map(async ({ object, file, line }): Promise<Named[]> => {
      const { kind = 'SecretStore', name } = mapAt(object, 'spec', 'secretStoreRef')
      const named = names.has(`${kind} ${name}`) ? idIn(object) : undefined
      if (named === undefined) return []
      const at = { path: file, line: lineOf((await tree.read(file)) ?? '', line, ...named.path) }
      return [{ about: aboutOf(object), key: named.key, at }]
    })
  return (await Promise.all(found)).flat()
}

async function inCluster({ live }: FilesWorld): Promise<Named[]> {
  if (live === undefined) return []
  // Of whose store isn't known, nothing is known.
  await Promise.all([live.clusterStores(), live.namespacedStores()])
  const found: Named[] = []
  for await (const { object, isOurs } of everyExternalSecret(live)) {
    const named = isOurs ? idIn(object) : undefined
    if (named !== undefined) found.push({ about: aboutOf(object), key: named.key })
  }
  return found
}

/** The first id that it asks for, and the way there. An id of 1Password has letters and the digits 2 to 7. */
function idIn(object: object): { key: string; path: (string | number)[] } | undefined {
  const { data, dataFrom } = mapAt(object, 'spec')
  const keys = [
    ...mapsOf(data).map((each, nth) => ({ key: mapAt(each, 'remoteRef')['key'], path: ['spec', 'data', nth, 'remoteRef', 'key'] })),
    ...mapsOf(dataFrom).map((each, nth) => ({ key: mapAt(each, 'extract')['key'], path: ['spec', 'dataFrom', nth, 'extract', 'key'] })),
  ]
  return keys.find(({ key }) => typeof key === 'string' && /^[a-z2-7]{26}$/.test(key) && /\d/.test(key))
}

function aboutOf(object: object): string {
  const { namespace, name } = mapAt(object, 'metadata')
  return `ExternalSecret ${namespace === undefined ? name : `${namespace}/${name}`}`
}

function notSeen(error: unknown): NotSeen {
  if (!(error instanceof Failure)) throw error
  return { notSeen: 'ExternalSecrets of the cluster', why: error.message }
}
