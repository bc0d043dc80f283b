import { Failure } from '../../failure.ts'
import { isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import { secrets } from '../../kubernetes/resources.ts'
import { knownStores, tokenOf } from '../../status/world.ts'
import { storeKey, storesOf } from '../../steps/rotation/external-secrets.ts'
import { ownerOf } from '../../steps/secret-owner.ts'
import { plain } from '../../text/plain.ts'
import { type ClusterCheck, type Finding, findingOf, type NotSeen } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { bootstrapSecrets, type Place } from './bootstrap-secrets.ts'

export const secretOwners: ClusterCheck = {
  id: 'secret-owners',
  category: 'credentials',
  title: 'nothing else writes the Secrets with the credentials and tokens',
  severity: 'error',
  needs: ['namespace-exists'],
  page: {
    symptom: 'A new token or new credentials are put into the cluster, all is well, and an hour later the old ones are back.',
    cause:
      'The Secret comes from git through Flux (encrypted with SOPS, perhaps), from an ExternalSecret of the same name, or from a Helm chart: each of them writes its own content again. An ExternalSecret that reads the token through the very store which needs that token can never mend itself.',
    fix: 'Change the value where it comes from, or end the other owner first; then eso-bootstrap may write it.',
    sources: [
      'https://external-secrets.io/latest/guides/ownership-deletion-policy/',
      'https://fluxcd.io/flux/guides/mozilla-sops/',
      'https://helm.sh/docs/chart_best_practices/labels/',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const { named, unseen } = await bootstrapSecrets(world)
    if (named.length === 0 && unseen.length === 0) return [nothingNamed]
    const found = await Promise.all(named.map((place) => ownedIn(world, place)))
    return [...found.flat(), ...unseen]
  },
}

const nothingNamed: NotSeen = { notSeen: 'the Secrets', why: 'Neither files nor stores nor a running Connect name one.' }

async function ownedIn(world: DoctorWorld, { namespace, name }: Place): Promise<(Finding | NotSeen)[]> {
  const about = `Secret ${namespace}/${name}`
  try {
    const secret = await world.cluster.get(secrets, name, namespace, world.signal)
    const owner = secret && (ownerOf(secret) ?? helmOf(secret))
    if (secret === undefined || owner === undefined) return []
    const external = owner.id === 'secret-owned-by-external-secret' ? await writerOf(world, secret) : undefined
    const finding = findingOf(about, owner)
    const why = finding.why.replace(`${about} is`, 'It is') + (await throughItself(world, external, { namespace, name }))
    // What is written by somebody else, and works, is in the way of the next rotation only.
    return [{ ...finding, why, ...((external === undefined || isReady(external)) && { severity: 'warning' }) }]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [{ notSeen: about, why: error.message }]
  }
}

/** The ExternalSecret that owns it; undefined where that can't be looked at. */
async function writerOf({ cluster, signal }: DoctorWorld, { metadata }: KubernetesObject): Promise<KubernetesObject | undefined> {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'ExternalSecret')
  const resource = await cluster.resource('external-secrets.io', 'ExternalSecret')
  return owner && resource && cluster.get(resource, owner.name, metadata.namespace, signal).catch(unread)
}

/** A sentence where the value comes through the very store that needs it. */
async function throughItself({ live }: DoctorWorld, external: KubernetesObject | undefined, { namespace, name }: Place): Promise<string> {
  const keys = new Set((external ? storesOf(external) : []).map(storeKey))
  const stores = external === undefined ? [] : await knownStores(live)
  const own = stores.find((store) => {
    const token = tokenOf(store)
    return token.name === name && token.namespace === namespace && keys.has(storeKey({ kind: store.object.kind, ...store.object.metadata }))
  })
  return own === undefined
    ? ''
    : ` It is read through the ${own.says}, which needs this very token: once that is refused, nothing renews it.`
}

/** https://helm.sh/docs/chart_best_practices/labels/ */
function helmOf({ metadata: { labels = {}, annotations = {}, namespace, name } }: KubernetesObject): Failure | undefined {
  const release = annotations['meta.helm.sh/release-name']
  if (release === undefined || labels['app.kubernetes.io/managed-by'] !== 'Helm') return undefined
  return new Failure({
    id: 'secret-owned-by-helm',
    exit: 'blocked',
    what: `Secret ${namespace}/${name} is made by the Helm release ${plain(release, 63)}.`,
    why: 'What its values hold is written again by the next upgrade, and it goes when the release goes.',
    fix: ['Take connect.credentials out of the values of the chart, commit and push', 'then eso-bootstrap init'],
  })
}

function unread(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}
