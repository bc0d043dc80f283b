import type { Agent, RequestOptions } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig, User } from '@kubernetes/client-node'
import type { Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import { type ExecPlugin, execCredential } from './exec-plugin.ts'

/** What a connection needs of the kubeconfig: TLS settings, the agent that keeps connections, the Authorization header. */
export interface Credentials {
  /** Throws a Failure when signing in fails or takes longer than its own deadline. */
  options(): Promise<RequestOptions>
  /** Whether a refused credential may be had anew. */
  renewable: boolean
  forget(): void
  close(): void
}

/** Before this many milliseconds are left, a plugin's credential is fetched anew. */
const margin = 10_000

/**
 * The kubeconfig's credentials, fetched once and kept: the library makes a new agent at every call, and runs plugins
 * with our whole environment and no deadline, so the plugin is run here and its answer put in the user's place.
 */
export function credentialsOf(config: KubeConfig, options: { env: Environment; execDeadline: number }): Credentials {
  const user: User = config.getCurrentUser() ?? { name: '' }
  const plugin: ExecPlugin | undefined = user.exec ?? undefined
  const context = config.getCurrentContext()
  const agents: Agent[] = []
  const closed = new AbortController()
  let current: Promise<RequestOptions> | undefined
  let expires = Number.POSITIVE_INFINITY

  async function fetch(): Promise<RequestOptions> {
    if (plugin !== undefined) {
      const credential = await execCredential(plugin, { context, env: options.env, deadline: options.execDeadline, signal: closed.signal })
      expires = credential.expires ?? Number.POSITIVE_INFINITY
      config.users = [withCredential(user, credential)]
    }
    const result: RequestOptions = {}
    await within(config.applyToHTTPSOptions(result), options.execDeadline).catch(() => {
      // The library's own message may quote a token or a proxy's password.
      throw new Failure({
        id: 'sign-in-failed',
        exit: 'refused',
        what: `The sign-in or proxy settings of the context ${context} can't be used.`,
      })
    })
    const agent = result.agent as Agent & { keepAlive: boolean }
    // The library has no way to ask for it, and without it every call pays for a new TLS handshake.
    agent.keepAlive = true
    agents.push(agent)
    return result
  }

  return {
    renewable: plugin !== undefined,
    async options() {
      if (Date.now() > expires - margin) current = undefined
      current ??= fetch()
      try {
        return await current
      } catch (error) {
        current = undefined
        throw error
      }
    },
    forget() {
      current = undefined
    },
    close() {
      closed.abort()
      for (const agent of agents) agent.destroy()
    },
  }
}

/** An OIDC refresh inside the library has no deadline of its own. */
async function within(work: Promise<void>, deadline: number) {
  const timer = new AbortController()
  const late = sleep(deadline, undefined, { signal: timer.signal }).then(() => Promise.reject(new Error('late')))
  await Promise.race([work, late]).finally(() => timer.abort())
}

function withCredential(user: User, credential: Awaited<ReturnType<typeof execCredential>>): User {
  const { exec: _, ...rest } = user
  return {
    ...rest,
    ...(credential.token === undefined ? {} : { token: credential.token }),
    ...(credential.certificate === undefined ? {} : { certData: base64(credential.certificate), keyData: base64(credential.key ?? '') }),
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
