import type { Duplex } from 'node:stream'
import type { KubernetesObject, Resource } from './object.ts'

/** Everything this program asks of an API server. Implemented over HTTPS in client.ts; every call has a deadline. */
export interface Cluster {
  /** The kubeconfig context that was chosen, and the API server it points to, for showing to a person. */
  readonly context: string
  readonly server: string
  /** What KUBECONFIG must be for a child that is to speak to this same cluster; undefined where the default serves. */
  readonly kubeconfig?: string | undefined

  /** Git version of the API server, such as `v1.34.1`. */
  version(signal?: AbortSignal): Promise<string>

  /** The versions that are served for a group, the preferred one first; empty if the group is unknown. */
  served(group: string, kind?: string): Promise<string[]>

  /** The resource for a kind of a group, at the version given or else the preferred one; undefined if not served. */
  resource(group: string, kind: string, version?: string): Promise<Resource | undefined>

  get(resource: Resource, name: string, namespace?: string, signal?: AbortSignal): Promise<KubernetesObject | undefined>

  /** All objects, page by page, so that memory stays flat. */
  list(resource: Resource, options?: ListOptions): AsyncIterable<KubernetesObject>

  /** Server-side apply with field manager `eso-bootstrap`. A conflict throws a Failure that names the other manager. */
  apply(resource: Resource, object: KubernetesObject, options?: WriteOptions): Promise<KubernetesObject>

  /** POST; throws a Failure with id `already-exists` if it is there. */
  create(resource: Resource, object: KubernetesObject, options?: WriteOptions): Promise<KubernetesObject>

  /** JSON merge patch, field manager `eso-bootstrap` unless told; with `resourceVersion` in the body it is a precondition. */
  merge(resource: Resource, name: string, namespace: string | undefined, patch: object, options?: WriteOptions): Promise<KubernetesObject>

  /** Deletes if it is still the object with this uid (and resourceVersion, if given); true if it was there. */
  delete(
    resource: Resource,
    name: string,
    namespace: string | undefined,
    precondition: { uid?: string; resourceVersion?: string },
  ): Promise<boolean>

  /** ADDED, MODIFIED and DELETED events from now on (a first ADDED for all that is there), until the signal ends it. Reconnects by itself. */
  watch(resource: Resource, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchEvent>

  /** SelfSubjectAccessReview for each, side by side; the ones that are not allowed come back. */
  forbidden(reviews: readonly Access[]): Promise<Access[]>

  /** The last lines of a container's log, or undefined where that isn't permitted or possible. */
  log(pod: { namespace: string; name: string; container?: string }, lines: number): Promise<string | undefined>

  /** One connection to a port of a pod, through the API server and the node; it ends with the signal, also when it is open. */
  forward(pod: PodPort, signal: AbortSignal): Promise<Duplex>

  close(): void
}

export interface PodPort {
  namespace: string
  name: string
  port: number
}

export interface ListOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  signal?: AbortSignal
  /** How many objects are in memory at a time; 500 unless told. */
  pageSize?: number
  /** Nothing but their metadata leaves the API server: https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
  metadataOnly?: boolean
}

export interface WatchOptions extends ListOptions {
  /** What the caller has seen already: of these only changes are told, and that one is gone by the time the watch begins. */
  known?: readonly KubernetesObject[]
  /** Tell nothing of what is there now, only what happens; after a gap all that is there comes as ADDED, and no DELETED. */
  onlyChanges?: boolean
}

export interface WriteOptions {
  /** Take fields that another manager owns (`--take-ownership`). */
  force?: boolean
  /** `dryRun=All`: admission runs, nothing is stored. */
  dryRun?: boolean
  fieldManager?: string
  signal?: AbortSignal
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** Whole, but for what was DELETED while the watch was broken: of that only the metadata that name it are known. */
  object: KubernetesObject
}

/** One line of what a user must be allowed to do. */
export interface Access {
  verb: 'get' | 'list' | 'watch' | 'create' | 'patch' | 'update' | 'delete'
  group: string
  resource: string
  subresource?: string
  namespace?: string
  name?: string
}
