import { Failure } from '../../failure.ts'
import type { FilesCheck } from '../check.ts'
import { isOlder } from '../older.ts'
import { operatorVersion } from './operator-version.ts'
import { type AnyStore, storesOf } from './stores-of.ts'

export const storeRace: FilesCheck = {
  id: 'store-race',
  category: 'files',
  title: 'the operator keeps several 1Password stores apart',
  severity: 'warning',
  needs: ['folder-readable'],
  page: {
    symptom: 'Now and then an ExternalSecret fails with: key not found in 1Password Vaults, and then names the vaults of another store.',
    cause: 'Before 2.5.0 the operator may use the vaults, host or token of another 1Password store when several are used at the same time.',
    fix: 'Update External Secrets Operator to 2.5.0 or newer, or let all stores name the same vaults.',
    sources: [
      'https://github.com/external-secrets/external-secrets/issues/4663',
      'https://github.com/external-secrets/external-secrets/issues/6333',
      'https://github.com/external-secrets/external-secrets/pull/6334',
    ],
  },
  looksAt: 'files',
  async look(world) {
    const version = await operatorVersion(world)
    if (!isOlder(version, [2, 5, 0])) return []
    // Of one that is in a file and in the cluster, the file's: it has a line.
    const all = (await storesOf(world)).filter(({ live }) => live).toReversed()
    const stores = new Map(all.map((store) => [store.says, store]))
    const home = (await world.places.folder().catch(none))?.namespace
    const first = [...stores.values()][0]
    const other = [...stores.values()].find((each) => first !== undefined && clientOf(each, home) !== clientOf(first, home))
    if (first === undefined || other === undefined) return []
    const at = other.at('spec', 'provider', 'onepassword', 'vaults')
    const why = `They read in different ways, and External Secrets Operator ${version} may take one for the other.`
    return [
      {
        about: [...stores.keys()].toSorted().join(', '),
        why,
        fix: ['Update External Secrets Operator to 2.5.0 or newer.'],
        ...(at && { at }),
      },
    ]
  },
}

/** All that the operator could mix up. It asks from its own namespace, so that a name without one is of a Service there. */
function clientOf({ connectHost, token, namespace, vaults }: AnyStore, home: string | undefined): string {
  const host = connectHost
    .replace(/^(https?:\/\/[^/:]+?)\.svc(\.cluster\.local)?(?=[/:]|$)/, '$1')
    .replace(/^(https?:\/\/[a-z0-9-]+)(?=[/:]|$)/, `$1.${home}`)
  const sorted = vaults.toSorted((a, b) => a.order - b.order)
  return JSON.stringify([host, token.name, token.key, token.namespace ?? namespace ?? home, sorted])
}

function none(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}
