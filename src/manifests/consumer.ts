import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { mapAt, mapsOf } from './documents.ts'

/** How Connect gets its credentials, and with it what the Secret has to hold: base64 text, or the JSON itself. */
export interface Consumer {
  consumer: 'environment' | 'file'
  /** For the plan: "base64, because …". */
  because: string
  secret: { name: string; key: string }
}

const connectImage = /(^|\/)connect-(api|sync)(:|@|$)/
// Where Connect looks when OP_SESSION isn't set: https://developer.1password.com/docs/connect/server-configuration/
const defaultSession = '/home/opuser/.op/1password-credentials.json'

/**
 * Decides from a Deployment (or whatever else owns a pod template, live or from a file) how Connect reads its credentials:
 * OP_SESSION may hold the base64 text of the file, or a path to it
 * (https://developer.1password.com/docs/connect/server-configuration/). Undefined where it reads no Secret; with
 * `secretName` others don't count. Throws `encodings-disagree` or `credentials-disagree` when its containers differ.
 */
export function consumerOf(owner: object, secretName?: string): Consumer | undefined {
  const pod = mapAt(owner, 'spec', 'template', 'spec')
  const found = mapsOf(pod['containers']).flatMap((container) => {
    const consumer = containerConsumer(container, mapsOf(pod['volumes']))
    return consumer && (secretName === undefined || consumer.secret.name === secretName) ? [{ ...consumer, container }] : []
  })
  const [first, ...others] = found
  if (!first) return undefined
  for (const other of others) agree(first, other)
  return { consumer: first.consumer, because: first.because, secret: first.secret }
}

/** True for a pod template in which Connect runs. */
export function runsConnect(owner: object): boolean {
  const containers = mapsOf(mapAt(owner, 'spec', 'template', 'spec')['containers'])
  return containers.some((each) => isConnect(each))
}

type Container = Record<string, unknown>

function isConnect(container: Container): boolean {
  return connectImage.test(String(container['image'] ?? '')) || mapsOf(container['env']).some((each) => each['name'] === 'OP_SESSION')
}

function containerConsumer(container: Container, volumes: Container[]): Consumer | undefined {
  const session = mapsOf(container['env']).find((each) => each['name'] === 'OP_SESSION')
  if (!session && !isConnect(container)) return undefined
  const reference = mapAt(session, 'valueFrom', 'secretKeyRef')
  if (typeof reference['name'] === 'string') {
    return environment({ name: reference['name'], key: String(reference['key'] ?? '') })
  }
  if (!session) {
    const whole = mapsOf(container['envFrom']).find((each) => typeof mapAt(each, 'secretRef')['name'] === 'string')
    const prefix = String(whole?.['prefix'] ?? '')
    if (whole && 'OP_SESSION'.startsWith(prefix)) {
      return environment({ name: mapAt(whole, 'secretRef')['name'], key: 'OP_SESSION'.slice(prefix.length) })
    }
  }
  const path = session ? session['value'] : defaultSession
  const secret = typeof path === 'string' ? mountedAt(path, container, volumes) : undefined
  return secret && { consumer: 'file', because: 'OP_SESSION names a file that is mounted from the Secret', secret }
}

function environment(secret: Consumer['secret']): Consumer {
  return { consumer: 'environment', because: 'OP_SESSION is read from the Secret', secret }
}

/** Which key of which Secret a container finds under this path. */
function mountedAt(path: string, container: Container, volumes: Container[]): Consumer['secret'] | undefined {
  for (const mount of mapsOf(container['volumeMounts'])) {
    const at = String(mount['mountPath'] ?? '').replace(/\/+$/, '')
    if (path !== at && !path.startsWith(`${at}/`)) continue
    const file = [mount['subPath'], path.slice(at.length + 1)].filter((part) => typeof part === 'string' && part !== '').join('/')
    const volume = volumes.find((each) => each['name'] === mount['name'])
    const sources = [mapAt(volume, 'secret'), ...mapsOf(mapAt(volume, 'projected')['sources']).map((each) => mapAt(each, 'secret'))]
    for (const source of sources) {
      const name = source['secretName'] ?? source['name']
      const items = mapsOf(source['items'])
      const key = items.length === 0 ? file : items.find((each) => each['path'] === file)?.['key']
      if (typeof name === 'string' && typeof key === 'string' && key !== '') return { name, key }
    }
  }
  return undefined
}

function agree(one: Consumer & { container: Container }, other: Consumer & { container: Container }): void {
  const names = [one, other].map((each) => plain(String(each.container['name'] ?? '?'), 63))
  if (one.consumer !== other.consumer) {
    throw new Failure({
      id: 'encodings-disagree',
      exit: 'blocked',
      what: `The containers ${names.join(' and ')} of Connect read its credentials in different ways: one as OP_SESSION itself, one as a file.`,
      why: 'The first needs base64 text in the Secret, the second the JSON itself, so no Secret can serve both.',
      fix: 'Give both containers the same OP_SESSION: either a secretKeyRef, or the path of a file mounted from the Secret.',
    })
  }
  if (one.secret.name !== other.secret.name || one.secret.key !== other.secret.key) {
    throw new Failure({
      id: 'credentials-disagree',
      exit: 'blocked',
      what: `The containers ${names.join(' and ')} of Connect read their credentials from different places: ${place(one)} and ${place(other)}.`,
      why: 'connect-api and connect-sync have to hold the same credentials.',
      fix: 'Let both containers read the same key of the same Secret.',
    })
  }
}

function place({ secret }: Consumer): string {
  return plain(`${secret.name}/${secret.key}`, 200)
}
