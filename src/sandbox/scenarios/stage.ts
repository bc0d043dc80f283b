import type { Secret } from '../../secret.ts'
import type { ApiServer } from '../api/server.ts'
import type { AccountModel } from '../connect/account.ts'
import type { ConnectAccess } from '../connect/identity.ts'
import type { TokenOptions } from '../credentials.ts'
import type { Apply } from '../flux/apply.ts'
import type { Reference } from '../flux/checkout.ts'
import type { Published } from '../flux/oci-repository.ts'
import type { Clone, Remote } from '../remote.ts'
import type { Files } from './files.ts'

/** What a scenario may reach into while the sandbox starts. */
export interface Stage {
  account: AccountModel
  access: ConnectAccess
  api: ApiServer
  clone: Clone
  origin: Remote
  /** The first commit's files. */
  files: Files
  token: Secret
  vault: string
  apply: Apply
  published: Published
}

/** What is different in one of the sandbox's states. */
export interface Scenario {
  /** One sentence, for people who choose. */
  says: string
  /** The title that is handed out as the vault's; the account has `catalyst-eso`. */
  vault?: string
  /** What the token that is handed out says, where it isn't the usual. */
  token?: TokenOptions
  /** What Flux's GitRepository points at; the branch main unless told. */
  ref?: Reference
  /** Flux reads an OCI artifact that a pipeline made of the first commit. */
  oci?: true
  fluxAbsent?: true
  /** Milliseconds before each of Connect's answers. */
  connectDelay?: number
  account?(account: AccountModel): void
  files?(files: Files, vault: string): Files
  /** Before Flux is there. */
  before?(stage: Stage): Promise<void> | void
  /** When Flux has applied the first commit. */
  after?(stage: Stage): Promise<void> | void
}

export const ociUrl = 'oci://registry.example.com/sandbox/cluster'
export const namespace = 'external-secrets'

/** A Secret as somebody with kubectl would leave it there. */
export function putSecret(stage: Stage, name: string, key: string, value: string, metadata: object = {}): void {
  const data = { [key]: Buffer.from(value).toString('base64') }
  stage.api.store.put(
    { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, ...metadata }, type: 'Opaque', data },
    'kubectl-create',
  )
}

/** Namespace and Secrets of a bootstrap that was done by hand; the credentials as given, else as an environment variable wants them. */
export function putBootstrapSecrets(stage: Stage, credentials = Buffer.from(stage.access.credentials.reveal()).toString('base64')): void {
  stage.api.store.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, 'kubectl-create')
  putSecret(stage, 'onepassword-connect-secret', '1password-credentials.json', credentials)
  putSecret(stage, 'onepassword-connect-token', 'token', stage.token.reveal())
}
