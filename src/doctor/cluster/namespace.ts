import { Failure } from '../../failure.ts'
import type { FluxKustomization } from '../../flux/objects.ts'
import { condition, type KubernetesObject } from '../../kubernetes/object.ts'
import { namespaces } from '../../kubernetes/resources.ts'
import { stateOf } from '../../status/flux.ts'
import { keepFromPruning, terminating } from '../../steps/namespace.ts'
import { quote } from '../../text/quote.ts'
import { type ClusterCheck, type Finding, findingOf, type NotSeen, type Repair } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { type FluxHere, fluxHere, nameOfKustomization } from './flux-here.ts'
import { homes, unknownHome } from './homes.ts'

export const namespaceExists: ClusterCheck = {
  id: 'namespace-exists',
  category: 'cluster',
  title: 'the namespace of Connect and its Secrets exists',
  severity: 'error',
  needs: ['api-server', 'flux-installed'],
  page: {
    symptom: 'namespaces "external-secrets" not found, from Flux, helm or kubectl; or nothing can be created: it is being terminated.',
    cause:
      'Nothing has created it yet, or it was deleted (by Flux too, when its file left the repository) and what is inside has finalizers that nobody serves.',
    fix: 'eso-bootstrap init creates it, with an annotation that keeps Flux from deleting it. One that does not go: kubectl describe namespace names what is left in it.',
    sources: [
      'https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/',
      'https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const found = await Promise.all((await homes(world)).map((name) => lookAt(world, name)))
    return found.length > 0 ? found.flat() : [unknownHome]
  },
}

async function lookAt(world: DoctorWorld, name: string): Promise<(Finding | NotSeen)[]> {
  const about = `Namespace ${name}`
  const found = await world.cluster.get(namespaces, name, undefined, world.signal)
  if (found === undefined) {
    const bringing = (await fluxHere(world).catch(noFlux)).kustomizations.find((each) => isComing(each, name))
    if (bringing !== undefined)
      return [{ notSeen: about, why: `It does not exist yet; the Flux ${nameOfKustomization(bringing)} is ${stateOf(bringing)}.` }]
    return [{ about, why: 'It does not exist: Connect and the Secrets that it needs belong there.', fix: ['eso-bootstrap init'] }]
  }
  if (found.metadata.deletionTimestamp === undefined) return []
  const finding = findingOf(about, terminating(name))
  return [{ ...finding, why: `${finding.why}${whatIsLeft(found)}`, fix: [`kubectl describe namespace ${name}`, ...finding.fix] }]
}

/** It may be what brings the namespace, and has not come to that for another reason; that one is told by flux-ready. */
function isComing(kustomization: FluxKustomization, name: string): boolean {
  const { ready, stalled } = kustomization
  if (!/^(failing|working)$/.test(stateOf(kustomization)) || ready?.reason === 'DependencyNotReady') return false
  return !`${stalled?.message} ${ready?.message}`.includes(`namespaces "${name}" not found`)
}

function noFlux(error: unknown): Pick<FluxHere, 'kustomizations'> {
  if (error instanceof Failure) return { kustomizations: [] }
  throw error
}

/** https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/controller/namespace/deletion/status_condition_utils.go */
function whatIsLeft(namespace: KubernetesObject): string {
  const types = [
    'NamespaceFinalizersRemaining',
    'NamespaceContentRemaining',
    'NamespaceDeletionContentFailure',
    'NamespaceDeletionDiscoveryFailure',
  ]
  const left = types.map((type) => condition(namespace, type)).find((each) => each?.status === 'True')
  return left?.message ? ` ${quote(left.message, 200)}` : ''
}

export const namespaceKept: ClusterCheck = {
  id: 'namespace-kept',
  category: 'cluster',
  title: 'Flux cannot prune the namespace away, with the Secrets in it',
  severity: 'warning',
  needs: ['namespace-exists'],
  page: {
    symptom: 'None yet. One day the namespace is gone, with the credentials and tokens that stand in no file.',
    cause:
      'A Flux Kustomization with prune: true has applied the Namespace. When its file is moved or leaves the build, Flux deletes the namespace and all that is in it.',
    fix: 'eso-bootstrap doctor --fix annotates it: kustomize.toolkit.fluxcd.io/prune: disabled. One that kubectl annotate sets is taken off again by Flux.',
    sources: ['https://fluxcd.io/flux/components/kustomize/kustomizations/#prune', 'https://github.com/fluxcd/flux2/issues/1366'],
  },
  looksAt: 'cluster',
  async look(world) {
    const { kustomizations } = await world.live.flux()
    const found = await Promise.all((await homes(world)).map((name) => prunable(world, name, kustomizations)))
    return found.length > 0 ? found.flat() : [unknownHome]
  },
}

async function prunable(
  { cluster, signal }: DoctorWorld,
  name: string,
  kustomizations: readonly FluxKustomization[],
): Promise<(Finding | NotSeen)[]> {
  const holder = kustomizations.find(({ prune, inventory }) => prune && inventory.includes(`_${name}__Namespace`))
  if (holder === undefined) return []
  const found = await cluster.get(namespaces, name, undefined, signal)
  if (found === undefined || isLeftAlone(found)) return []
  const why = `${nameOfKustomization(holder)} prunes: when the Namespace leaves its files, Flux deletes it with every Secret in it.`
  const annotate = `kubectl annotate namespace ${name} kustomize.toolkit.fluxcd.io/prune=disabled --field-manager=eso-bootstrap`
  return [{ about: `Namespace ${name}`, why, fix: [annotate], repair: annotated(cluster, name) }]
}

/** Each of these keeps Flux from deleting it, as label or as annotation: https://github.com/fluxcd/kustomize-controller/blob/main/internal/controller/kustomization_controller.go */
function isLeftAlone({ metadata: { labels, annotations } }: KubernetesObject): boolean {
  const marks = { ...labels, ...annotations }
  const prefix = 'kustomize.toolkit.fluxcd.io/'
  return (
    [marks[`${prefix}prune`], marks[`${prefix}reconcile`]].some((each) => each?.toLowerCase() === 'disabled') ||
    /^ignore$/i.test(marks[`${prefix}ssa`] ?? '')
  )
}

function annotated(cluster: DoctorWorld['cluster'], name: string): Repair {
  return {
    says: `annotate the Namespace ${name}, so that Flux never prunes it`,
    needs: [{ verb: 'patch', group: '', resource: 'namespaces', name }],
    async make(signal) {
      // To apply one that is gone would make it anew.
      if ((await cluster.get(namespaces, name, undefined, signal)) === undefined) throw gone(name)
      await keepFromPruning(cluster, name, { signal })
      return `Namespace ${name} annotated`
    },
  }
}

function gone(name: string): Failure {
  return new Failure({ id: 'changed-meanwhile', exit: 'busy', what: `The namespace ${name} was deleted while this was at work.` })
}
