import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Environment } from '../child.ts'
import type { Secret } from '../secret.ts'
import { startActors } from './actors.ts'
import type { RequestRecord } from './api/requests.ts'
import { type ApiServer, startApiServer } from './api/server.ts'
import { type AccountModel, addItem, addVault } from './connect/account.ts'
import { type ConnectAccess, createConnectAccess } from './connect/identity.ts'
import type { ConnectServer } from './connect/server.ts'
import { makeId } from './credentials.ts'
import { installFlux, syncObjects } from './flux/install.ts'
import { type Clone, createClone, createRemote, type Remote } from './remote.ts'
import { ociUrl, type Scenario, type Stage } from './scenarios/stage.ts'
import { scenarioNamed } from './scenarios.ts'

export interface SandboxOptions {
  /** One of the known states, `healthy` unless given; throws an Error for a name that isn't in the table. */
  scenario?: string
  /** The working tree of the first commit, beside Flux's own two objects below `clusters/sandbox`. */
  files?: Record<string, string>
  /** Milliseconds that a container takes to start and a fetch to end, so that a person can follow. */
  delay?: number
  /** Told of every request to the API server. */
  onAnswer?: (record: RequestRecord) => void
  env: Environment
}

export interface Sandbox {
  /** The temporary folder that holds all the others; gone after `close`. */
  folder: string
  api: ApiServer
  /** The 1Password account: change vaults and items, revoke tokens by their id. */
  account: AccountModel
  /** The account's Connect server, which mints tokens. */
  access: ConnectAccess
  /** The Connect servers that run in pods at this moment. */
  connect(): ConnectServer[]
  /** The clone's folder, and the clone itself. */
  repository: string
  clone: Clone
  /** The bare repository's folder, and the repository itself, for its hooks. */
  remote: string
  origin: Remote
  kubeconfigPath: string
  credentialsPath: string
  tokenPath: string
  /** A second valid token of the same server. */
  newTokenPath: string
  /** The title of the vault that is to be used. */
  vault: string
  /** An item in it, a field of that, and what is in there. */
  item: { title: string; field: string; value: string }
  /** Resolves when all actors are idle; rejects if one of them failed in a way that no real one would. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** The folder of the repository that Flux's root Kustomization builds. */
export const clusterFolder = 'clusters/sandbox'

/**
 * Starts a cluster that has nothing but Flux, a git remote with a clone, and a 1Password account with a Connect server that
 * waits to be deployed: all in this process and below one temporary folder, on loopback only.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const scenario = scenarioNamed(options.scenario ?? 'healthy')
  const folder = await mkdtemp(join(tmpdir(), 'eso-bootstrap-sandbox-'))
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each()
  }
  try {
    return await assemble(scenario, folder, options, closers, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function assemble(
  scenario: Scenario,
  folder: string,
  { files = {}, delay = 0, onAnswer = () => {}, env }: SandboxOptions,
  closers: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<Sandbox> {
  const { account, access, item } = createAccount()
  const vault = scenario.vault ?? 'catalyst-eso'
  scenario.account?.(account)
  const vaults = account.vaults.map(({ id }) => ({ id }))
  const token = access.mint({ vaults, ...scenario.token })
  const place = (name: string) => join(folder, name)

  const origin = await createRemote(place('remote.git'), env)
  const sync = syncObjects({
    url: scenario.oci ? ociUrl : origin.url,
    ref: scenario.ref ?? { branch: 'main' },
    path: `./${clusterFolder}`,
    oci: scenario.oci ?? false,
  })
  const tree = scenario.files?.(files, vault) ?? files
  const clone = await createClone(place('repository'), origin, { ...fluxFiles(scenario.fluxAbsent ? [] : sync), ...tree }, env)

  const api = await startApiServer({ onAnswer })
  closers.push(() => api.close())
  const checkoutFolder = place('checkouts')
  await mkdir(checkoutFolder)
  const actors = startActors(api, { account, checkoutFolder, env, delay, connectDelay: scenario.connectDelay ?? 0 })
  closers.push(() => actors.close())

  const secrets = {
    kubeconfig: api.kubeconfig(),
    '1password-credentials.json': access.credentials,
    token,
    'new-token': access.mint({ vaults }),
  }
  for (const [name, content] of Object.entries(secrets)) await writeSecret(place(name), content)

  const stage: Stage = {
    ...{ account, access, api, clone, origin, token, vault, files: tree },
    apply: actors.apply,
    published: actors.published,
  }
  await scenario.before?.(stage)
  if (!scenario.fluxAbsent) {
    installFlux(actors.apply)
    for (const object of sync) actors.apply(object, { manager: 'flux', dryRun: false })
  }
  await actors.settled()
  await scenario.after?.(stage)
  await actors.settled()
  return {
    ...{ folder, api, account, access, clone, origin, vault, item, close },
    connect: actors.connect,
    repository: clone.path,
    remote: origin.path,
    kubeconfigPath: place('kubeconfig'),
    credentialsPath: place('1password-credentials.json'),
    tokenPath: place('token'),
    newTokenPath: place('new-token'),
    settled: actors.settled,
  }
}

/** An account with one Connect server and the items that the examples ask for; all values are made up at this moment. */
function createAccount() {
  const access = createConnectAccess(makeId())
  const account: AccountModel = { servers: [access.identity], vaults: [], revoked: new Set() }
  const vault = addVault(account, 'catalyst-eso')
  const invented = () => makeId() + makeId()
  const value = invented()
  const item = { title: 'my-app-credentials', field: 'api-key', value }
  addItem(vault, {
    title: item.title,
    fields: [
      [item.field, value],
      ['username', 'my-app'],
      ['password', invented()],
    ],
  })
  addItem(vault, {
    title: 'production-postgres',
    fields: [
      ['username', 'postgres'],
      ['password', invented()],
    ],
  })
  addItem(vault, {
    title: 'api-credentials',
    fields: [
      ['client-id', makeId()],
      ['client-secret', invented()],
    ],
  })
  addItem(addVault(account, 'Team Shared'), { title: 'wifi', fields: [['password', invented()]] })
  return { account, access, item }
}

/** What `flux bootstrap` commits for itself. */
function fluxFiles(sync: object[]): Record<string, string> {
  if (sync.length === 0) return { [`${clusterFolder}/README.md`]: 'Flux is not installed here yet.\n' }
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: ['gotk-sync.yaml'] }
  return {
    [`${clusterFolder}/flux-system/gotk-sync.yaml`]: sync.map((each) => stringify(each)).join('---\n'),
    [`${clusterFolder}/flux-system/kustomization.yaml`]: stringify(kustomization),
  }
}

async function writeSecret(path: string, content: string | Secret): Promise<void> {
  await writeFile(path, typeof content === 'string' ? content : content.reveal(), { mode: 0o600, flag: 'wx' })
}
