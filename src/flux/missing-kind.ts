import type { Cluster } from '../kubernetes/cluster.ts'
import type { Verdict } from './verdict.ts'

/** "no matches for kind" is three things; discovery tells them apart: no CRD, another version of it, or a controller that hasn't noticed. */
export async function withServedVersions(cluster: Cluster, verdict: Verdict): Promise<Verdict> {
  const [, kind, group, version] = /no matches for kind "(\w+)" in version "([\w.-]+)\/(\w+)"/.exec(verdict.message) ?? []
  if (kind === undefined || group === undefined || version === undefined) return verdict
  const served = await cluster.served(group, kind)
  if (served.length === 0) return verdict
  if (served.includes(version)) {
    return {
      ...verdict,
      cause: `The cluster does serve ${kind} at ${group}/${version} by now; kustomize-controller has not noticed yet.`,
      fix: ['If it stays so: kubectl -n flux-system rollout restart deployment/kustomize-controller'],
      heals: true,
    }
  }
  return {
    ...verdict,
    cause: `The manifest declares ${kind} as ${group}/${version}; this cluster serves ${served.map((each) => `${group}/${each}`).join(', ')}.`,
    fix: [`Change the apiVersion of the ${kind} to ${group}/${served[0]}, commit and push.`],
    heals: false,
  }
}
