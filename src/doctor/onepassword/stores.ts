import { isReady } from '../../kubernetes/object.ts'
import { knownStores } from '../../status/world.ts'
import type { ClusterCheck, Finding, NotSeen, Repair } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { storesTold, tokensTold } from './told.ts'

export const storeExists: ClusterCheck = {
  id: 'store-exists',
  category: 'stores',
  title: 'a store reads 1Password through Connect',
  severity: 'error',
  needs: ['crds-served', 'components-listed', 'flux-ready'],
  page: {
    symptom: 'kubectl get clustersecretstores,secretstores -A lists none with the provider onepassword.',
    cause: 'The stores are in no file that Flux builds, Flux is suspended, or somebody has deleted them.',
    fix: 'eso-bootstrap init, with --scaffold where there are no files yet.',
    sources: ['https://external-secrets.io/latest/provider/1password-automation/'],
  },
  looksAt: 'cluster',
  async look({ live }) {
    // Both kinds have to be seen, or there may be one.
    const stores = (await Promise.all([live.clusterStores(), live.namespacedStores()])).flat()
    if (stores.length > 0) return []
    return [{ about: 'the stores', why: 'None in this cluster reads 1Password through Connect.', fix: ['eso-bootstrap init'] }]
  },
}

export const storesReady: ClusterCheck = {
  id: 'stores-ready',
  category: 'stores',
  title: 'every 1Password store is Ready',
  severity: 'error',
  needs: ['store-exists', 'store-token-namespace', 'token-whitespace', 'vaults-found', 'operator-runs'],
  page: {
    symptom: 'kubectl get clustersecretstores says InvalidProviderConfig; ExternalSecrets wait for their store.',
    cause:
      'What the operator last said of it. Since 0.20 its condition says only that it could not be validated, and the reason is in an event. A store that was not Ready is looked at again after up to seven minutes.',
    fix: 'What is said of it; once that is mended, any changed annotation makes the operator look at once, as eso-bootstrap doctor --fix does.',
    sources: [
      'https://external-secrets.io/latest/api/clustersecretstore/',
      'https://github.com/external-secrets/external-secrets/blob/main/pkg/controllers/secretstore/common.go',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const { problems = [], unseen = [] } = await storesTold(world)
    const repairs = await revalidations(world)
    return [
      ...problems.flatMap(({ id, about, why, fix }) =>
        about.map((each): Finding | NotSeen => {
          if (id === 'not-validated') return { notSeen: each, why: `${each}: the operator has not looked at it yet.` }
          const repair = repairs.get(each)
          return { about: each, why, fix, ...(repair && { repair }) }
        }),
      ),
      ...unseen.map(({ section, why }) => ({ notSeen: section, why })),
    ]
  },
}

/** Where Connect accepts the token now, what the operator last said may have passed. */
async function revalidations(world: DoctorWorld): Promise<Map<string, Repair>> {
  const { facts = [] } = await tokensTold(world)
  const good = new Set(facts.filter(({ connect }) => connect.is === 'accepted').flatMap(({ stores }) => stores))
  const stores = (await knownStores(world.live)).filter(({ says, object }) => good.has(says) && !isReady(object))
  return new Map(stores.map(({ says, object }) => [says, revalidation(world, says, object)]))
}

function revalidation(
  { cluster, now }: DoctorWorld,
  says: string,
  { kind, metadata }: { kind: string; metadata: { name: string; namespace?: string } },
): Repair {
  const { name, namespace } = metadata
  return {
    says: `let the operator look at ${says} again`,
    needs: [
      {
        verb: 'patch',
        group: 'external-secrets.io',
        resource: `${kind.toLowerCase()}s`,
        name,
        ...(namespace !== undefined && { namespace }),
      },
    ],
    async make(signal) {
      const resource = await cluster.resource('external-secrets.io', kind)
      if (resource === undefined) throw new Error(`${kind} is not served any more`)
      const annotations = { 'eso-bootstrap/revalidate': now.toISOString() }
      await cluster.merge(resource, name, namespace, { metadata: { annotations } }, { signal })
      return `${says} annotated: the operator looks at it now`
    },
  }
}
