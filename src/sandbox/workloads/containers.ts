import type { KubernetesObject } from '../../kubernetes/object.ts'
import { kinds } from '../kinds.ts'
import type { Store } from '../store.ts'

/** What the process in a container sees: fixed when it starts. */
export interface View {
  env: Map<string, string>
  /** Files from Secrets and ConfigMaps, by their path in the container. */
  files: Map<string, string>
}

export interface Container {
  name: string
  image: string
}

/** Why a container can't start yet, in the kubelet's words. */
export interface Missing {
  reason: 'CreateContainerConfigError' | 'ContainerCreating'
  message: string
}

interface Volume {
  name: string
  secret?: { secretName: string; optional?: boolean; items?: { key: string; path: string }[] }
  configMap?: { name: string; optional?: boolean; items?: { key: string; path: string }[] }
}

/** What a container of this pod would see if it started now, or what is missing for it. */
export function viewOf(store: Pick<Store, 'get'>, pod: KubernetesObject, containerName: string): View | Missing {
  const namespace = pod.metadata.namespace
  const spec = pod['spec']
  const container = spec.containers.find((each: { name: string }) => each.name === containerName)
  const view: View = { env: new Map(), files: new Map() }

  for (const mount of container.volumeMounts ?? []) {
    const volume: Volume | undefined = spec.volumes?.find((each: Volume) => each.name === mount.name)
    const source = volume?.secret ?? volume?.configMap
    if (!volume || !source) continue
    const kind = volume.secret ? kinds.secret : kinds.configMap
    const name = volume.secret?.secretName ?? volume.configMap?.name ?? ''
    const data = contents(store.get(kind, namespace, name))
    if (!data) {
      if (source.optional) continue
      const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${kind.kind.toLowerCase()} "${name}" not found`
      return { reason: 'ContainerCreating', message }
    }
    const items = source.items ?? [...data.keys()].map((key) => ({ key, path: key }))
    for (const { key, path } of items) {
      const value = data.get(key)
      if (value === undefined) {
        const message = `MountVolume.SetUp failed for volume "${volume.name}" : references non-existent ${kind.kind.toLowerCase()} key: ${key}`
        return { reason: 'ContainerCreating', message }
      }
      if (mount.subPath === undefined) view.files.set(`${mount.mountPath.replace(/\/$/, '')}/${path}`, value)
      else if (mount.subPath === path) view.files.set(mount.mountPath, value)
    }
  }

  for (const from of container.envFrom ?? []) {
    const reference = from.secretRef ?? from.configMapRef
    const kind = from.secretRef ? kinds.secret : kinds.configMap
    const data = contents(store.get(kind, namespace, reference.name))
    if (!data && !reference.optional) return missing(kind.kind, namespace, reference.name)
    for (const [key, value] of data ?? []) view.env.set(`${from.prefix ?? ''}${key}`, value)
  }
  for (const variable of container.env ?? []) {
    const field = /^metadata\.(name|namespace)$/.exec(variable.valueFrom?.fieldRef?.fieldPath ?? '')?.[1]
    if (field !== undefined) view.env.set(variable.name, pod.metadata[field as 'name' | 'namespace'] ?? '')
    const reference = variable.valueFrom?.secretKeyRef ?? variable.valueFrom?.configMapKeyRef
    if (!reference) {
      if (variable.value !== undefined) view.env.set(variable.name, String(variable.value))
      continue
    }
    const kind = variable.valueFrom.secretKeyRef ? kinds.secret : kinds.configMap
    const data = contents(store.get(kind, namespace, reference.name))
    const value = data?.get(reference.key)
    if (value !== undefined) view.env.set(variable.name, value)
    else if (!reference.optional) return missing(kind.kind, namespace, reference.name, data ? reference.key : undefined)
  }
  return view
}

function missing(kind: string, namespace: string | undefined, name: string, key?: string): Missing {
  const message =
    key === undefined ? `${kind.toLowerCase()} "${name}" not found` : `couldn't find key ${key} in ${kind} ${namespace}/${name}`
  return { reason: 'CreateContainerConfigError', message }
}

/** The data of a Secret or ConfigMap as a container gets it. */
function contents(object: KubernetesObject | undefined): Map<string, string> | undefined {
  if (!object) return undefined
  const entries = Object.entries<string>(object['data'] ?? {})
  return new Map(object.kind === 'Secret' ? entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]) : entries)
}
