import { objectsOf, type Placed } from './content.ts'
import { readBuild } from './graph.ts'
import { isOperator } from './operator.ts'
import { isStore, isStoreDefinition } from './secret-stores.ts'
import type { Tree } from './tree.ts'

/** As much of a Flux Kustomization, live or declared, as the order of things depends on. */
export interface Ordered {
  name: string
  namespace?: string
  path: string
  dependsOn?: readonly { name: string; namespace?: string }[]
  wait?: boolean
  healthChecks?: readonly unknown[]
}

export interface Layout<K> {
  /** Builds that hold the operator's HelmRelease. */
  operator: K[]
  /** Builds that hold stores. */
  stores: K[]
  /** Builds that hold both, and no CRDs: they can't be applied to a cluster that has never had the operator. */
  together: K[]
  /** Each build with stores waits, through `dependsOn`, for one that holds the operator and waits for its health. */
  isOrdered: boolean
  /** Those of the others that don't wait for the operator: what they hold is refused until it serves, and tried again later. */
  unordered: K[]
}

/**
 * Tells the layout that can't come up on a new cluster: Flux dry-runs all objects of a Kustomization before it applies
 * any, so a store beside the HelmRelease that brings its CRD stops both for ever
 * (https://github.com/fluxcd/kustomize-controller/issues/601). `also` names entries that are about to go live, by the
 * kustomization they stand in. The way out is two Flux Kustomizations, with `dependsOn` and `wait`
 * (https://external-secrets.io/latest/examples/gitops-using-fluxcd/).
 */
export async function deadlock<K extends Ordered>(
  tree: Tree,
  flux: readonly K[],
  also?: ReadonlyMap<string, readonly string[]>,
): Promise<Layout<K>> {
  const builds = await Promise.all(
    flux.map(async (kustomization) => {
      const { files } = await readBuild(tree, kustomization.path, also ? { also } : {})
      return {
        kustomization,
        objects: await objectsOf(
          tree,
          [...files.keys()].map((file) => ({ file })),
        ),
      }
    }),
  )
  const holding = (isIt: (each: Placed, all: Placed[]) => boolean) =>
    builds.filter(({ objects }) => objects.some((each) => isIt(each, objects))).map((each) => each.kustomization)
  const operator = holding((each, all) => isOperator(each.object, all))
  const stores = holding((each) => isStore(each.object))
  const definitions = holding((each) => isStoreDefinition(each.object))
  const together = stores.filter((each) => operator.includes(each) && !definitions.includes(each))
  const waits = (each: K) => waitsFor(each, operator, flux)
  const isOrdered = stores.every((each) => !together.includes(each) && waits(each))
  const unordered = stores.filter((each) => operator.length > 0 && !operator.includes(each) && !waits(each))
  return { operator, stores, together, isOrdered, unordered }
}

function waitsFor<K extends Ordered>(one: K, operator: readonly K[], all: readonly K[], seen = new Set<K>()): boolean {
  if (seen.has(one)) return false
  seen.add(one)
  const before = (one.dependsOn ?? []).flatMap(({ name, namespace }) =>
    all.filter(
      (each) => each.name === name && (namespace ?? one.namespace ?? each.namespace) === (each.namespace ?? namespace ?? one.namespace),
    ),
  )
  return before.some((each) => (operator.includes(each) && isChecked(each)) || waitsFor(each, operator, all, seen))
}

function isChecked(kustomization: Ordered): boolean {
  return kustomization.wait === true || (kustomization.healthChecks ?? []).length > 0
}
