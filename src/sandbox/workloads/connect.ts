import type { AccountModel } from '../connect/account.ts'
import { type ConnectServer, startConnect } from '../connect/server.ts'
import { openSession } from '../connect/session.ts'
import type { Container, View } from './containers.ts'

/** A Connect server, and the port that it listens on in its pod. */
export interface Listening {
  server: ConnectServer
  port: number
}

export interface ConnectInPod {
  write(container: string, level: 'I' | 'E', text: string): void
  /** Milliseconds before each of its answers. */
  delay?: number
  /** Milliseconds until it has fetched the vaults. */
  syncing?: number
}

const api = /(^|\/)1password\/connect-api(:|@|$)/
const either = /(^|\/)1password\/connect-(api|sync)(:|@|$)/

/** Starts a Connect server if these are its containers: with the OP_SESSION that each of them was given, broken if one is. */
export async function startConnectIn(
  views: ReadonlyMap<Container, View>,
  account: AccountModel,
  { write, ...timing }: ConnectInPod,
): Promise<Listening | undefined> {
  const main = [...views].find(([{ image }]) => api.test(image))
  if (main === undefined) return undefined
  const [{ name, image }, view] = main
  const sessions = [...views]
    .filter(([container]) => either.test(container.image))
    .map(([container, { env, files }]) => {
      const session = openSession(env.get('OP_SESSION'), files, account.servers)
      if ('log' in session) write(container.name, 'E', session.log)
      return session
    })
  const server = await startConnect({
    account,
    session: sessions.find((each) => 'log' in each) ?? openSession(view.env.get('OP_SESSION'), view.files, account.servers),
    ...(/:([\w.]+)$/.test(image) ? { version: image.replace(/^.*:/, '') } : {}),
    log: (level, line) => write(name, level, line),
    ...timing,
  })
  return { server, port: Number(view.env.get('OP_HTTP_PORT') ?? 8080) }
}

/** A line as Connect logs it. */
export function logLine(level: 'I' | 'E', text: string): string {
  return `{"log_message":${JSON.stringify(`(${level}) ${text}`)},"timestamp":"${new Date().toISOString()}","level":${level === 'E' ? 1 : 3}}`
}
