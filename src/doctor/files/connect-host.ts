import { objectsOf } from '../../manifests/content.ts'
import { mapAt, mapsOf } from '../../manifests/documents.ts'
import { yamlFiles } from '../../manifests/flux-files.ts'
import type { FilesCheck } from '../check.ts'
import type { FilesWorld } from '../world.ts'
import { folderOf } from './folder-of.ts'
import { storesOf } from './stores-of.ts'

export const connectHost: FilesCheck = {
  id: 'connect-host',
  category: 'files',
  title: 'each connectHost is the address of Connect, and nothing more',
  severity: 'error',
  needs: ['folder-readable'],
  page: {
    symptom: 'The store says: unsupported protocol scheme, status 404, or connection refused, though Connect runs.',
    cause:
      'The operator puts /v1/vaults right behind connectHost. A slash at its end, a path, a missing http:// or the port of connect-sync (8081) lead elsewhere.',
    fix: 'Write scheme, host and port: http://onepassword-connect.external-secrets.svc.cluster.local:8080.',
    sources: [
      'https://external-secrets.io/latest/provider/1password-automation/',
      'https://github.com/1Password/connect-sdk-go/blob/main/connect/client.go',
      'https://developer.1password.com/docs/connect/server-configuration/',
    ],
  },
  looksAt: 'files',
  async look(world) {
    const ports = await portsOf(world)
    return (await storesOf(world)).flatMap(({ says, connectHost: host, at }) => {
      const flaw = flawOf(host, ports)
      const place = at('spec', 'provider', 'onepassword', 'connectHost')
      return flaw === undefined ? [] : [{ about: says, why: `Its connectHost ${flaw.why}`, fix: [flaw.fix], ...(place && { at: place }) }]
    })
  },
}

interface Port {
  port: number
  /** Where connect-sync listens. */
  isSync: boolean
}

/** Of the Services in the folder, by `namespace/name`. */
type Ports = ReadonlyMap<string, readonly Port[]>

function flawOf(host: string, ports: Ports): { why: string; fix: string } | undefined {
  // What Flux puts in is known only later.
  if (/\$\{|\{\{/.test(host)) return undefined
  if (!/^https?:\/\//i.test(host) || !URL.canParse(host))
    return { why: 'is no http:// or https:// address.', fix: 'Write it as http://<service>.<namespace>.svc.cluster.local:8080' }
  const url = new URL(host)
  const bare = `${url.protocol}//${url.host}`
  const isInside = /^[a-z0-9-]+(\.[a-z0-9-]+)?(\.svc(\..+)?)?$/.test(url.hostname)
  const path = url.pathname.replace(/\/+$/, '')
  // A proxy outside may well have a path for Connect.
  if (url.search !== '' || url.hash !== '' || (path !== '' && (isInside || /\/v1(\/vaults)?$/.test(path))))
    return { why: 'goes on behind the port, and the operator puts /v1/vaults behind all of it.', fix: `connectHost: ${bare}` }
  if (host.endsWith('/'))
    return { why: 'ends with a slash, so that the operator asks for //v1/vaults.', fix: `connectHost: ${host.replace(/\/+$/, '')}` }
  return isInside ? portFlawOf(url, ports) : undefined
}

function portFlawOf({ protocol, hostname, port }: URL, ports: Ports): { why: string; fix: string } | undefined {
  const [name = '', namespace = '', svc] = hostname.split('.')
  const wanted = Number(port || (protocol === 'https:' ? 443 : 80))
  const known = ports.get(`${namespace}/${name}`)
  // `connect.lan` is no Service, unless one of that name is known.
  if (known === undefined && namespace !== '' && svc !== 'svc') return undefined
  const found = known?.find((each) => each.port === wanted)
  if (found === undefined ? wanted === 8081 : found.isSync)
    return {
      why: `has the port of connect-sync, ${wanted}, which knows no vaults; connect-api listens on 8080.`,
      fix: `connectHost: ${protocol}//${hostname}:${known?.find(({ isSync }) => !isSync)?.port ?? 8080}`,
    }
  const [first] = known?.filter(({ isSync }) => !isSync) ?? []
  if (found !== undefined || first === undefined) return undefined
  return { why: `leads to port ${wanted}, which the Service does not have.`, fix: `connectHost: ${protocol}//${hostname}:${first.port}` }
}

/** A name without a namespace is left to the cluster. */
async function portsOf(world: FilesWorld): Promise<Ports> {
  const [tree, folder] = await Promise.all([world.places.tree(), folderOf(world)])
  const files = (await yamlFiles(tree, folder.path)).map((file) => ({ file }))
  const services = (await objectsOf(tree, files)).filter(({ object }) => object['kind'] === 'Service')
  return new Map(
    services.map(({ object }) => {
      const { name, namespace = folder.namespace } = mapAt(object, 'metadata')
      const ports = mapsOf(mapAt(object, 'spec')['ports']).flatMap(({ port, targetPort = port }): Port[] =>
        typeof port === 'number' ? [{ port, isSync: targetPort === 8081 || targetPort === 'sync' }] : [],
      )
      return [`${namespace}/${name}`, ports]
    }),
  )
}
