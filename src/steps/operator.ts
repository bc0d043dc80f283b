import type { Step } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import { condition, isReady } from '../kubernetes/object.ts'
import { customResourceDefinitions } from '../kubernetes/resources.ts'
import { until } from '../kubernetes/wait.ts'
import { deadlock } from '../manifests/deadlock.ts'
import { toWatch } from './access.ts'
import type { World } from './world.ts'

const group = 'external-secrets.io'

/**
 * The stores' API is served before the stores are enabled: Flux dry-runs a whole Kustomization before it applies any
 * of it, so a store beside the HelmRelease that brings its CRD stops both (docs/explanation/order.md).
 */
export const operator: Step<World> = {
  id: 'operator',
  title: 'External Secrets Operator comes before the stores',
  async look(world) {
    const [cluster, folder] = await Promise.all([world.cluster(), world.folder()])
    const served = await cluster.served(group, 'ClusterSecretStore')
    const outdated = folder.stores.find(({ apiVersion }) => served.length > 0 && !served.includes(apiVersion.replace(`${group}/`, '')))
    if (outdated !== undefined) throw notServed(outdated, served)
    if (served.length === 0 && (await isInstalled(world))) throw withoutDefinitions()
    if (served.length > 0) return { is: 'already', says: `${group}/${served[0]} is served` }
    const { kustomization } = await world.site()
    if (kustomization === undefined) return { is: 'already', says: 'Flux installs the operator first, then applies the stores' }
    const { components, kustomization: file } = folder
    const also = new Map([[file.path, [components.connect.entry, components.stores.entry]]])
    const { kustomizations } = await world.flux()
    const layout = await deadlock(await world.tree(), kustomizations, also)
    if (layout.operator.length === 0) throw noOperator(folder.path)
    if (layout.together.length === 0) return { is: 'already', says: 'Flux installs the operator first, then applies the stores' }
    if (components.stores.state === 'live') throw deadLocked(`${kustomization.namespace}/${kustomization.name}`)
    const definitions = [...new Set(folder.stores.map(({ kind }) => `${kind.toLowerCase()}s.${group}`))]
    return {
      is: 'pending',
      says: 'install the operator first, as the stores are in the same Flux Kustomization',
      changes: [{ action: 'act', what: `wait until Flux has installed External Secrets Operator` }],
      needs: definitions.flatMap((name) => toWatch({ group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions', name })),
      async makeItSo(run) {
        run.say('waiting for External Secrets Operator')
        for (const name of definitions) {
          const wait = { signal: run.signal, deadline: world.inputs.timeout }
          await until(
            cluster,
            customResourceDefinitions,
            { name },
            (crd) => (condition(crd, 'Established')?.status === 'True' ? true : undefined),
            wait,
          )
        }
        return { says: 'External Secrets Operator serves its API' }
      },
    }
  },
}

/** The operator's HelmRelease says that the chart is installed. */
async function isInstalled(world: World): Promise<boolean> {
  const [cluster, { operator, namespace }] = await Promise.all([world.cluster(), world.folder()])
  const resource = await cluster.resource('helm.toolkit.fluxcd.io', 'HelmRelease')
  if (operator === undefined || resource === undefined) return false
  const live = await cluster.get(resource, operator.name, operator.namespace ?? namespace)
  return isReady(live) && live?.['status']?.observedGeneration === live?.metadata.generation
}

/** The chart was told to leave its CRDs out. */
export function withoutDefinitions(): Failure {
  return new Failure({
    id: 'crds-missing',
    exit: 'blocked',
    what: 'External Secrets Operator is installed, but its CRDs are not on this cluster.',
    why: 'The CRDs are templates of the chart: they come with it only if its value installCRDs is true (install.crds of the HelmRelease has no effect).',
    fix: [
      'Set installCRDs: true in the values of the HelmRelease, commit and push',
      'or install them from https://external-secrets.io/latest/introduction/getting-started/',
    ],
  })
}

function notServed(store: { apiVersion: string; kind: string; name: string; file: { path: string } }, served: readonly string[]): Failure {
  return new Failure({
    id: 'api-version-not-served',
    exit: 'blocked',
    what: `${store.file.path} declares the ${store.kind} ${store.name} as ${store.apiVersion}, which this cluster does not serve.`,
    why: `External Secrets Operator serves ${served.map((version) => `${group}/${version}`).join(', ')} here (v1beta1 ended with 0.17).`,
    fix: `sed -i 's#${store.apiVersion}#${group}/${served[0]}#' ${store.file.path}   (and commit it)`,
  })
}

function noOperator(path: string): Failure {
  return new Failure({
    id: 'operator-missing',
    exit: 'blocked',
    what: 'External Secrets Operator is neither on this cluster nor in anything that Flux builds.',
    why: 'Without it nobody knows what a ClusterSecretStore is, and Flux refuses to apply one.',
    fix: [`Add its HelmRelease below ${path}`, 'https://external-secrets.io/latest/examples/gitops-using-fluxcd/'],
  })
}

function deadLocked(kustomization: string): Failure {
  return new Failure({
    id: 'dead-lock',
    exit: 'blocked',
    what: `The Flux Kustomization ${kustomization} holds the operator and the stores, and the stores' CRD is not on this cluster yet.`,
    why: 'Flux tries all of it before it applies any of it, so the stores keep the operator from being installed, for ever.',
    fix: [
      'Comment the stores out of the kustomization, commit and push; then run this again: it enables them once the operator is up',
      'For good: put the operator into a Flux Kustomization of its own, with wait: true, and let this one dependsOn it',
      'https://external-secrets.io/latest/examples/gitops-using-fluxcd/',
    ],
  })
}
