import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { goTool, versionOf } from './go-tool.ts'

/** The Kubernetes minors with a tools module: the newest that builds with a Go of today, and one three minors older. */
const minors = ['1.37', '1.34'] as const
export type Minor = (typeof minors)[number]

const packages = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
}
type Program = keyof typeof packages

/** The minor that KUBERNETES_MINOR names; the newest if it names none. Throws for one that has no tools module. */
export function wantedMinor(): Minor {
  const wanted = process.env['KUBERNETES_MINOR'] || minors[0]
  const found = minors.find((minor) => minor === wanted)
  if (!found) throw new Error(`KUBERNETES_MINOR=${wanted}: there is ${minors.join(' and ')}`)
  return found
}

/**
 * The path of a program of Kubernetes: from KUBEBUILDER_ASSETS, as envtest has it, else built on first use.
 * https://book.kubebuilder.io/reference/envtest
 */
export async function binary(name: Program, minor: Minor = wantedMinor()): Promise<string> {
  const given = join(process.env['KUBEBUILDER_ASSETS'] ?? '', name)
  if (process.env['KUBEBUILDER_ASSETS'] && existsSync(given)) return given
  const module = new URL(`tools/${minor}`, import.meta.url).pathname
  const tool = { name, module, package: packages[name] }
  return goTool(name === 'etcd' ? tool : { ...tool, variables: versionVariables(await versionOf(tool)) })
}

/** What /version says; Kubernetes' own build sets it so: https://github.com/kubernetes/kubernetes/blob/master/hack/lib/version.sh */
function versionVariables(version: string): Record<string, string> {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(version) ?? []
  const at = 'k8s.io/component-base/version'
  return { [`${at}.gitVersion`]: version, [`${at}.gitMajor`]: major, [`${at}.gitMinor`]: minor }
}
