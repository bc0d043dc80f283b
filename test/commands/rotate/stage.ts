import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import type { TokenOptions } from '../../../src/sandbox/credentials.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import type { SandboxOptions } from '../../../src/sandbox/sandbox.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'
import { type Flags, openStage, type Stage } from '../init/stage.ts'
import { seed } from '../init/trees.ts'
import { type Ended, type Running, type RunOptions, start } from '../run.ts'

/** A sandbox that `init` has set up, with an application that reads a value, and the rotations as they are called unattended. */
export interface Rotation extends Stage {
  /** `rotate-token --yes` and these flags. */
  rotate(flags?: Flags, options?: RunOptions): Promise<Ended>
  begin(flags?: Flags, options?: RunOptions): Running
  command(words: readonly string[], options?: RunOptions): Running
  /** A new token of the same server, for all vaults, in a file; issued an hour ago unless told. */
  newToken(options?: TokenOptions): Promise<{ path: string; value: string; id: string }>
  /** What the token Secret holds. */
  held(): string | undefined
  externalSecret(name: string, more?: object, namespace?: string): KubernetesObject | undefined
  putExternalSecret(name: string, spec?: object, metadata?: object): void
}

const hour = 3_600_000
let minted = 0

export async function openRotation(options: Partial<SandboxOptions> = {}): Promise<Rotation> {
  const stage = await openStage({ files: await seed(), ...options })
  const { sandbox } = stage
  const ended = await stage.init()
  if (ended.code !== 0) throw new Error(`init ended with ${ended.code}: ${ended.stderr}`)
  const command = (words: readonly string[], options: RunOptions = {}) =>
    start(words, { cwd: sandbox.repository, home: sandbox.folder, ...options, env: { ...stage.env, ...options.env } })
  const begin = (flags: Flags = {}, options: RunOptions = {}) => command(['rotate-token', ...words({ yes: true, ...flags })], options)
  const rotation: Rotation = {
    ...stage,
    command,
    begin,
    rotate: (flags, options) => begin(flags, options).ended,
    async newToken(options = {}) {
      const vaults = sandbox.account.vaults.map(({ id }) => ({ id }))
      const value = sandbox.access.mint({ vaults, issuedAt: new Date(Date.now() - hour), ...options }).reveal()
      const path = join(sandbox.folder, `rotated-${++minted}`)
      await writeFile(path, value, { mode: 0o600 })
      return { path, value, id: idOf(value) }
    },
    held: () => secretValue(sandbox, 'onepassword-connect-token', 'token'),
    externalSecret: (name, _, namespace = 'default') => sandbox.api.store.get(kinds.externalSecret, namespace, name),
    putExternalSecret(name, spec = {}, metadata = {}) {
      const { title, field } = sandbox.item
      sandbox.api.store.put(
        {
          apiVersion: 'external-secrets.io/v1',
          kind: 'ExternalSecret',
          metadata: { name, namespace: 'default', ...metadata },
          spec: {
            refreshInterval: '1h',
            secretStoreRef: { kind: 'ClusterSecretStore', name: 'onepassword' },
            target: { name },
            data: [{ secretKey: 'value', remoteRef: { key: title, property: field } }],
            ...spec,
          },
        },
        'a-person',
      )
    },
  }
  rotation.putExternalSecret('my-app')
  await sandbox.settled()
  return rotation
}

/** A token's `jti`. */
export function idOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti
}

/** Flags as they are typed. */
export function words(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([flag, value]) => {
    if (value === undefined) return []
    return [value].flat().map((each) => (each === true ? `--${flag}` : `--${flag}=${each}`))
  })
}
