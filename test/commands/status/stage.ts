import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'vitest'
import type { Rule } from '../../../src/sandbox/api/access.ts'
import type { StatusReport } from '../../../src/terminal/status-report.ts'
import { openStage, type Stage } from '../init/stage.ts'
import { type Files, templates } from '../init/trees.ts'
import { type Ended, type Running, type RunOptions, start } from '../run.ts'
import { reportIn } from './schema.ts'

/** `status` as it is called on a stage. Whatever it says, no secret of the sandbox is in it, and nothing in the cluster is changed. */
export interface StatusAt {
  begin(flags?: readonly string[], options?: RunOptions): Running
  status(flags?: readonly string[], options?: RunOptions): Promise<Ended>
  /** With `-o json`, checked against the schema. */
  report(flags?: readonly string[], options?: RunOptions): Promise<StatusReport>
  /** The path of a kubeconfig for a user who may do this and no more. */
  user(name: string, rules: Rule[]): Promise<string>
}

export type Healthy = Omit<Stage, 'begin'> & StatusAt

/** All is set up by hand as it should be, and an application reads a value. */
export async function openHealthy(more: Files = {}): Promise<Healthy> {
  const stage = await openStage({ scenario: 'stale-ready', files: { ...(await templates()), ...more } })
  stage.sandbox.account.revoked.clear()
  putExternalSecret(stage, 'my-app')
  await stage.sandbox.settled()
  return { ...stage, ...statusAt(stage) }
}

/** An ExternalSecret as somebody with kubectl makes it: of the sandbox's item, unless told. */
export function putExternalSecret(
  { sandbox }: Pick<Stage, 'sandbox'>,
  name: string,
  { key = sandbox.item.title, store = 'onepassword' } = {},
): void {
  sandbox.api.store.put(
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name, namespace: 'default' },
      spec: {
        refreshInterval: '1h',
        secretStoreRef: { kind: 'ClusterSecretStore', name: store },
        target: { name },
        data: [{ secretKey: 'value', remoteRef: { key, property: sandbox.item.field } }],
      },
    },
    'a-person',
  )
}

export function statusAt(stage: Stage): StatusAt {
  const { sandbox, env } = stage
  const begin: StatusAt['begin'] = (flags = [], options = {}) =>
    start(['status', ...flags], { cwd: sandbox.repository, home: sandbox.folder, env, ...options })
  const status: StatusAt['status'] = async (flags, options) => {
    stage.writes()
    const ended = await begin(flags, options).ended
    withoutSecrets(stage, ended.stdout + ended.stderr)
    expect(stage.writes()).toEqual([])
    return ended
  }
  return {
    begin,
    status,
    report: async (flags = [], options = {}) => reportIn(await status(['-o', 'json', ...flags], options)),
    async user(name, rules) {
      sandbox.api.allow(name, rules)
      const path = join(sandbox.folder, `${name}.kubeconfig`)
      await writeFile(path, sandbox.api.kubeconfig(name))
      return path
    },
  }
}

/** Neither a value of the account nor what the two Secrets hold, plain or in base64. */
export function withoutSecrets({ sandbox }: Pick<Stage, 'sandbox'>, text: string): void {
  const files = [sandbox.credentialsPath, sandbox.tokenPath, sandbox.newTokenPath].map((path) => readFileSync(path, 'utf8'))
  const [, payload = ''] = files[1]?.split('.') ?? []
  for (const secret of [...files, payload, sandbox.item.value, ...files.map((each) => Buffer.from(each).toString('base64'))])
    expect(text.includes(secret)).toBe(false)
}

/** A screen without colours, and without what differs from run to run: the port, the commit. */
export function steady(screen: string): string {
  return stripVTControlCharacters(screen)
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:6443')
    .replace(/ at [0-9a-f]{8}\b/g, ' at 0a1b2c3d')
}
