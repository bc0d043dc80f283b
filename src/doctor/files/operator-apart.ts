import { Failure } from '../../failure.ts'
import type { FluxKustomization, FluxView } from '../../flux/objects.ts'
import { deadlock, type Ordered } from '../../manifests/deadlock.ts'
import type { DeclaredKustomization } from '../../manifests/flux-files.ts'
import { splitOf } from '../../manifests/split.ts'
import type { FilesCheck, Finding } from '../check.ts'
import type { FilesWorld } from '../world.ts'
import { kustomizationsHere } from './built.ts'
import { splitRepair } from './split-repair.ts'

const guide = 'https://external-secrets.io/latest/examples/gitops-using-fluxcd/'

/** For a cluster where the operator runs. */
const keepFirst =
  'By hand: first put the annotation kustomize.toolkit.fluxcd.io/prune: disabled on the HelmRelease and whatever moves with it, in git, and wait for Flux: it prunes what leaves a build.'

export const operatorApart: FilesCheck = {
  id: 'operator-apart',
  category: 'files',
  title: 'the operator has a Flux Kustomization of its own, and the stores wait for it',
  severity: 'error',
  needs: ['folder-readable'],
  page: {
    symptom: 'Flux says: no matches for kind "ClusterSecretStore" in version "external-secrets.io/v1", for ever, on a new cluster.',
    cause:
      'Flux tries all objects of a Kustomization before it applies any. A store beside the HelmRelease that brings its CRD is refused, so the HelmRelease is never applied. On a cluster that has the CRDs it works, until that cluster is rebuilt.',
    fix: 'Two Flux Kustomizations: the operator with wait: true, and the stores with dependsOn. eso-bootstrap doctor --fix makes two of one where the operator has a folder of its own; it annotates what moves first, so that Flux does not prune it on the way.',
    sources: [
      guide,
      'https://github.com/fluxcd/kustomize-controller/issues/601',
      'https://github.com/fluxcd/kustomize-controller/issues/338',
      'https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies',
    ],
  },
  looksAt: 'files',
  async look(world) {
    const [tree, all, view] = await Promise.all([world.places.tree(), kustomizationsHere(world), fluxOf(world)])
    const isApplied = ({ name, namespace }: Ordered) =>
      view === undefined || view.kustomizations.some((each) => each.name === name && (namespace ?? each.namespace) === each.namespace)
    const { together, unordered, operator } = await deadlock(tree, all)
    const served = await isServed(world)
    const locked = together.filter(isApplied).map(async (each): Promise<Finding> => {
      const repair = 'file' in each ? await splitRepair(world, tree, each) : undefined
      const isOffered = repair !== undefined || (world.live === undefined && 'file' in each && (await splitOf(tree, each)) !== undefined)
      return {
        ...placed(each),
        ...(served === true && { severity: 'warning' }),
        why: `It builds the operator and the stores. ${whyLocked(served)}`,
        fix: [
          ...(isOffered ? [`eso-bootstrap doctor --fix${repair ? '' : '   (with the cluster: without --offline)'}`] : []),
          ...(served === false ? [] : [keepFirst]),
          `Give the operator a Flux Kustomization with wait: true, and let ${each.name} name it in dependsOn.`,
          guide,
        ],
        ...(repair && { repair }),
      }
    })
    const late = unordered.filter(isApplied).map((each): Finding => {
      const before = operator.find(isApplied)?.name ?? operator[0]?.name
      const why = `It does not wait for ${before}, which installs the operator: on a new cluster Flux refuses its stores until it tries again.`
      const fix = [`Let ${each.name} name ${before} in dependsOn, and give ${before} wait: true.`, guide]
      return { ...placed(each), severity: 'warning', why, fix }
    })
    return [...(await Promise.all(locked)), ...late]
  },
}

function placed(each: DeclaredKustomization | FluxKustomization): Pick<Finding, 'about' | 'at'> {
  const { name, namespace } = each
  const about = `Kustomization ${namespace === undefined ? name : `${namespace}/${name}`}`
  return 'file' in each ? { about, at: { path: each.file, line: each.line } } : { about }
}

async function fluxOf({ live }: FilesWorld): Promise<FluxView | undefined> {
  return live?.flux().catch(unknown)
}

/** Undefined where that isn't known. */
async function isServed({ live }: FilesWorld): Promise<boolean | undefined> {
  const versions = await live?.cluster.served('external-secrets.io', 'ClusterSecretStore').catch(unknown)
  return versions === undefined ? undefined : versions.length > 0
}

function whyLocked(served: boolean | undefined): string {
  if (served === undefined)
    return 'On a new cluster Flux refuses all of it for ever, because the CRD of the stores comes with the operator.'
  return served
    ? 'Here the CRDs are there, but on a new cluster Flux would refuse all of it for ever.'
    : 'The CRD of the stores is not there yet, so Flux refuses all of it, the operator too.'
}

/** What may not be read says nothing against the files. */
function unknown(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}
