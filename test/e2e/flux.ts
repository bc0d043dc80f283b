import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import type { Api } from './api.ts'
import type { Forge } from './forge.ts'
import { fluxRelease, modules } from './upstream/modules.ts'
import { sourceOf } from './upstream/source.ts'

const namespace = 'flux-system'
const controllers = ['source-controller', 'kustomize-controller', 'helm-controller'] as const
const labels = {
  'app.kubernetes.io/instance': namespace,
  'app.kubernetes.io/part-of': 'flux',
  'app.kubernetes.io/version': fluxRelease,
}

/** What `flux install` applies, without notification-controller: put together from the modules as the release puts it together. */
export async function installFlux(api: Api): Promise<void> {
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }, 'flux')
  const flux = await sourceOf('flux')
  const objects = [
    ...(await read(join(flux, 'manifests/rbac/controller.yaml'))),
    ...(await read(join(flux, 'manifests/rbac/reconciler.yaml'))),
  ]
  for (const name of controllers) {
    const source = await sourceOf(name)
    for (const file of await readdir(join(source, 'config/crd/bases')))
      objects.push(...(await read(join(source, 'config/crd/bases', file))))
    objects.push({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })
    const manager = await read(join(source, 'config/manager/deployment.yaml'))
    if (name === 'source-controller') manager.push(...(await read(join(source, 'config/manager/service.yaml'))))
    objects.push(...manager.map((object) => placed(object, name)))
  }
  for (const object of objects) {
    await api.apply({ ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } } }, 'flux')
  }
}

/** In Flux's namespace, as its own service account, at the version that the module has. */
function placed(object: KubernetesObject, name: (typeof controllers)[number]): KubernetesObject {
  const here = { ...object, metadata: { ...object.metadata, namespace } }
  if (object.kind !== 'Deployment') return here
  const { template, ...spec } = object['spec']
  const [container, ...others] = template.spec.containers
  const containers = [{ ...container, image: `ghcr.io/fluxcd/${name}:${modules[name].version}` }, ...others]
  return { ...here, spec: { ...spec, template: { ...template, spec: { ...template.spec, serviceAccountName: name, containers } } } }
}

async function read(file: string): Promise<KubernetesObject[]> {
  return parseAllDocuments(await readFile(file, 'utf8')).flatMap((document) => document.toJS() ?? [])
}

export interface Sync {
  ref: { branch: string } | { name: string } | { tag: string }
  path: string
}

/** The Secret that Flux signs in with, and the two objects that make it follow the repository: what `flux bootstrap` leaves behind. */
export function syncObjects(forge: Forge, { ref, path }: Sync): { secret: KubernetesObject; committed: KubernetesObject[] } {
  const metadata = { name: 'flux-system', namespace }
  const sourceRef = { kind: 'GitRepository', name: 'flux-system' }
  const spec = { interval: '1m', url: forge.url, ref, secretRef: { name: 'flux-system' } }
  const stringData = { username: forge.user, password: forge.password }
  return {
    secret: { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData },
    committed: [
      { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', metadata, spec },
      {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata,
        spec: { interval: '10m', path: `./${path}`, prune: true, sourceRef },
      },
    ],
  }
}
