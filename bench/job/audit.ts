import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Flags with which kube-apiserver writes down every call, and what it wrote since the last time, as `verb resource`. */
export interface Audit {
  flags: string[]
  /** Calls of this user. */
  calls(user: string): Promise<string[]>
}

/** https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/ */
export async function auditIn(folder: string): Promise<Audit> {
  const policy = join(folder, 'audit-policy.yaml')
  const log = join(folder, 'audit.log')
  await writeFile(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n  - level: Metadata\n')
  await writeFile(log, '')
  let seen = 0
  return {
    flags: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-mode=blocking-strict'],
    async calls(user) {
      const lines = (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '')
      const fresh = lines.slice(seen).map((line) => JSON.parse(line))
      seen = lines.length
      return fresh.filter((each) => each.user?.username === user).map(callOf)
    },
  }
}

interface AuditEvent {
  verb: string
  requestURI: string
  objectRef?: { resource: string; subresource?: string; name?: string }
}

function callOf({ verb, requestURI, objectRef }: AuditEvent): string {
  if (objectRef === undefined) return `${verb} ${requestURI.replace(/\?.*/, '')}`
  const { resource, subresource, name } = objectRef
  return [verb, subresource === undefined ? resource : `${resource}/${subresource}`, ...(name === undefined ? [] : [name])].join(' ')
}
