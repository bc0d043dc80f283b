import { basename } from 'node:path'
import { type Environment, run } from '../child.ts'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'

/** `users[].user.exec` of a kubeconfig. */
export interface ExecPlugin {
  apiVersion?: string
  command?: string
  args?: string[] | null
  env?: { name: string; value: string }[] | null
  installHint?: string
}

export interface ExecCredential {
  token?: string
  certificate?: string
  key?: string
  /** Milliseconds since the epoch; without it the credential serves for the whole run. */
  expires?: number
}

/**
 * Runs a kubeconfig's credential plugin and gives what it printed. It gets our environment without its secrets, and nothing
 * to read, so it cannot wait for a person. Throws a Failure when it is missing, fails, hangs or answers nonsense; its own
 * words are never quoted, because such plugins print tokens.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export async function execCredential(
  plugin: ExecPlugin,
  options: { context: string; env: Environment; deadline: number; signal?: AbortSignal | undefined },
): Promise<ExecCredential> {
  const name = plain(basename(plugin.command ?? ''), 80)
  const tryIt = `kubectl --context '${plain(options.context)}' get --raw /version   # runs the same plugin and shows what it says`
  const fail = (id: string, what: string, fix: string[] = [tryIt]) => new Failure({ id, exit: 'refused', what, fix })
  if (!plugin.command)
    throw fail('exec-plugin-missing', `The context ${options.context} signs in with a plugin, but names no command for it.`)

  const result = await run(plugin.command, plugin.args ?? [], {
    env: environment(plugin, options.env),
    deadline: options.deadline,
    signal: options.signal,
  }).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error
    if (error.id === 'command-missing') {
      const hint = plugin.installHint ? plain(plugin.installHint, 300) : `Install ${name}, or put it on the PATH.`
      throw fail('exec-plugin-missing', `The context ${options.context} signs in with ${name}, which isn't installed.`, [hint])
    }
    throw fail('exec-plugin-hangs', `The plugin ${name}, which signs in to the cluster, did not end within ${seconds(options.deadline)}.`)
  })
  if (result.code !== 0)
    throw fail('exec-plugin-failed', `The plugin ${name}, which signs in to the cluster, failed with exit code ${result.code}.`)
  return (
    credentialFrom(result.stdout) ??
    Promise.reject(fail('exec-plugin-answer', `The plugin ${name}, which signs in to the cluster, gave no usable credential.`))
  )
}

function environment(plugin: ExecPlugin, env: Environment): Environment {
  const info = { apiVersion: plugin.apiVersion, kind: 'ExecCredential', spec: { interactive: false } }
  const own = Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value]))
  return { ...env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) }
}

function credentialFrom(stdout: string): ExecCredential | undefined {
  let status: Record<string, unknown> | undefined
  try {
    status = JSON.parse(stdout)?.status
  } catch {
    return undefined
  }
  const text = (field: string) => (typeof status?.[field] === 'string' ? status[field].trim() : undefined)
  const [token, certificate, key] = [text('token'), text('clientCertificateData'), text('clientKeyData')]
  const usable = token !== undefined ? /^[\x21-\x7e]+$/.test(token) : certificate !== undefined && key !== undefined
  if (!usable) return undefined
  const expires = Date.parse(text('expirationTimestamp') ?? '')
  return {
    ...(token === undefined ? {} : { token }),
    ...(certificate === undefined || key === undefined ? {} : { certificate, key }),
    ...(Number.isNaN(expires) ? {} : { expires }),
  }
}

function seconds(milliseconds: number): string {
  return `${Math.max(1, Math.round(milliseconds / 1000))} s`
}
