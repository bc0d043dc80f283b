import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import type { Rule } from '../../src/sandbox/api/access.ts'
import type { Client, Reply } from './client.ts'

/** An API server under contract, seen by one part of the contract, which has a namespace of its own there. */
export interface Api extends Client {
  /** From now on this user may do exactly this. */
  allow(user: string, rules: Rule[]): Promise<void>
  /** The past is forgotten: watches and pages that start there get 410. */
  compact(): Promise<void>
  /** What a request gets while there are too many in flight. */
  overload(): Promise<Reply>
}

/** Opens the server for one part of the contract; the namespace is made, and empty. */
export type Open = (namespace: string) => Promise<Api>

export function secretsIn(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/secrets`
}

export function secret(name: string, data: Record<string, string>, more: object = {}): KubernetesObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: Object.fromEntries(encoded), ...more }
}

export function configMap(name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data }
}
