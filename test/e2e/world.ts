import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { type AccountModel, addItem, addVault, type Item, type Vault } from '../../src/sandbox/connect/account.ts'
import { type ConnectAccess, createConnectAccess } from '../../src/sandbox/connect/identity.ts'
import type { TokenOptions } from '../../src/sandbox/credentials.ts'
import { makeId } from '../../src/sandbox/credentials.ts'
import { type Clone, createClone } from '../../src/sandbox/remote.ts'
import { startProcesses } from '../cluster/processes.ts'
import type { OpCall } from '../op-answers.ts'
import { startOpStandIn } from '../op-stand-in.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { installFlux, type Sync, syncObjects } from './flux.ts'
import { type Forge, startForge } from './forge.ts'
import { recordProof } from './proven.ts'
import { type Ended, run } from './run.ts'
import type { Transcript } from './transcript.ts'
import { program } from './upstream/programs.ts'

export interface World extends Cluster {
  account: AccountModel
  access: ConnectAccess
  vault: Vault
  item: Item
  forge: Forge
  /** The working tree that a person has. */
  clone: Clone
  /** Hands out a token, as a file. */
  token(options?: TokenOptions): Promise<string>
  credentials: string
  /** What `op` was asked for; nothing where it can't be found. */
  opCalls: OpCall[]
  /** Runs the program as a person would, in the working tree; what was typed and what was read goes into the transcript. */
  run(...args: string[]): Promise<Ended>
  /** The same, and nothing of it goes into the transcript. */
  quietly(...args: string[]): Promise<Ended>
}

export interface WorldOptions {
  transcript: Transcript
  /** What the repository holds beside Flux's own folder. */
  files: Record<string, string>
  sync?: Sync
  /** The vault's title; `catalyst-eso` unless given. */
  vault?: string
  connect?: { delay?: number; syncing?: number }
  /** The `flux` command can be found. */
  fluxCommand?: boolean
  /** A stand-in for the `op` command, of the same account, can be found. */
  opCommand?: boolean
}

/** The folder that Flux builds for this cluster. */
export const clusterFolder = 'clusters/home'

/** A cluster with nothing but Flux, the repository that Flux follows on a forge, a clone of it, and a 1Password account. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const processes = await startProcesses()
  const { folder } = processes
  const closers: (() => unknown)[] = [processes.stop]
  const stop = async () => {
    if (process.env['E2E_KEEP']) await linger(folder)
    for (const close of closers.splice(0).toReversed()) await close()
  }
  try {
    const access = createConnectAccess(makeId())
    const account: AccountModel = { servers: [access.identity], vaults: [], revoked: new Set() }
    const vault = addVault(account, options.vault ?? 'catalyst-eso')
    const item = addItem(vault, { title: 'my-app-credentials', fields: [['api-key', makeId()]] })
    const cluster = await startCluster({ folder, account, ...(options.connect && { connect: options.connect }) })
    closers.push(cluster.stop)
    const forge = await startForge(join(folder, 'forge'))
    closers.push(forge.close)
    await installFlux(cluster.api)
    const home = await makeHome(folder, forge, cluster.plane.kubeconfig)
    const { secret, committed } = syncObjects(forge, options.sync ?? { ref: { branch: 'main' }, path: clusterFolder })
    const clone = await createClone(join(folder, 'homelab'), forge, { ...fluxFiles(committed), ...options.files }, home.env)
    await cluster.api.apply(secret, 'flux')
    for (const object of committed) await cluster.api.apply(object, 'flux')
    await untilApplied(cluster)
    const place = async (name: string, text: string) => {
      await writeFile(join(folder, name), text, { mode: 0o600 })
      return join(folder, name)
    }
    const op = options.opCommand ? await startOpStandIn({ folder: join(folder, 'op'), account, access }) : undefined
    if (op) closers.push(op.close)
    const path = [
      ...(options.fluxCommand ? [await linked(folder, 'flux')] : []),
      ...(op ? [join(folder, 'op')] : []),
      home.env['PATH'],
    ].join(':')
    let tokens = 0
    const quietly = (...args: string[]) => run(processes, args, { cwd: clone.path, env: { ...home.env, PATH: path } })
    return {
      ...{ ...cluster, account, access, vault, item, forge, clone, stop, opCalls: op?.calls ?? [] },
      credentials: await place('1password-credentials.json', access.credentials.reveal()),
      token: (token = {}) => place(`token-${++tokens}`, access.mint({ vaults: [{ id: vault.id }], ...token }).reveal()),
      quietly,
      async run(...args) {
        const ended = await quietly(...args)
        options.transcript.ran(args, ended, folder)
        if (ended.text.includes(' came through ')) await recordProof(cluster.api, options.transcript.name)
        return ended
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** As `flux bootstrap` does, at the end: waits until Flux has applied the first commit. */
async function untilApplied({ api }: Cluster): Promise<void> {
  const path = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/flux-system'
  const end = Date.now() + 120_000
  while ((await api.get(path))?.['status']?.lastAppliedRevision === undefined) {
    if (Date.now() > end) throw new Error('Flux has not applied the first commit within two minutes')
    await sleep(250)
  }
}

/** Leaves everything running until Ctrl-C, for somebody who wants to look inside. */
function linger(folder: string): Promise<never> {
  process.stdout.write(`\nexport KUBECONFIG=${folder}/home/.kube/config HOME=${folder}/home\ncd ${folder}/homelab\nCtrl-C ends it.\n`)
  const day = 24 * 60 * 60 * 1000
  return new Promise(() => void setInterval(() => {}, day))
}

/** A person's home: their kubeconfig, their name for git, and the forge's password where git keeps it. */
async function makeHome(folder: string, forge: Forge, kubeconfig: string): Promise<{ env: Record<string, string> }> {
  const home = join(folder, 'home')
  const { host } = new URL(forge.url)
  const write = async (name: string, text: string, mode = 0o600) => {
    await mkdir(dirname(join(home, name)), { recursive: true })
    await writeFile(join(home, name), text, { mode })
    return join(home, name)
  }
  await write('.kube/config', kubeconfig)
  await write('.git-credentials', `http://${forge.user}:${forge.password}@${host}\n`)
  await write('.gitconfig', '[user]\n\tname = Robin\n\temail = robin@example.com\n[credential]\n\thelper = store\n')
  // For the suite's own git, which reads nobody's settings.
  const answer = `#!/bin/sh\ncase "$1" in Username*) echo ${forge.user} ;; *) echo ${forge.password} ;; esac\n`
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    LANG: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ASKPASS: await write('askpass', answer, 0o700),
  }
  return { env }
}

/** What `flux bootstrap` commits for itself. */
function fluxFiles(sync: object[]): Record<string, string> {
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: ['gotk-sync.yaml'] }
  return {
    [`${clusterFolder}/flux-system/gotk-sync.yaml`]: sync.map((each) => stringify(each)).join('---\n'),
    [`${clusterFolder}/flux-system/kustomization.yaml`]: stringify(kustomization),
  }
}

async function linked(folder: string, name: 'flux'): Promise<string> {
  await mkdir(join(folder, 'bin'), { recursive: true })
  await symlink(await program(name), join(folder, 'bin', name))
  return join(folder, 'bin')
}
