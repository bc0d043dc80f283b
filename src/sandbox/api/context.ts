import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { User } from './access.ts'
import type { Json } from './json.ts'
import type { Pages } from './read.ts'
import type { Registry, ResourceType } from './resources.ts'
import type { ObjectStore } from './store.ts'

/** What the handlers share. */
export interface Context {
  store: ObjectStore
  registry: Registry
  pages: Pages
  version: string
  /** Text of container logs, by namespace/pod/container. */
  logs: Map<string, string>
  /** The port on loopback behind a port of a pod. */
  listening(pod: KubernetesObject, port: number): number | undefined
  now: () => Date
}

/** A request that is about a resource that is served, authenticated and allowed. */
export interface ResourceRequest {
  type: ResourceType
  verb: string
  /** Empty for the whole cluster's list, undefined for kinds without namespaces. */
  namespace: string | undefined
  /** Empty for lists. */
  name: string
  subresource: string | undefined
  query: URLSearchParams
  user: User
  /** The field manager to write as: the parameter, else the start of the User-Agent. */
  manager: string
  contentType: string
  body: Json | undefined
  /** A text for the Warning header. */
  warn(text: string): void
}
