import { BlockList, isIP } from 'node:net'
import type { Environment } from '../child.ts'

/**
 * The proxy for a URL by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, with the rules that kubectl has from Go: a name in NO_PROXY
 * covers its subdomains, networks such as 10.0.0.0/8 count, and a loopback address is never proxied.
 * Undefined when it is reached directly. https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
export function proxyFor(url: string, env: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(url)
  const read = (name: string) => env[name] || env[name.toLowerCase()] || undefined
  const proxy = read(protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (!proxy || isLoopback(host)) return undefined
  const exempt = (read('NO_PROXY') ?? '').toLowerCase().split(/[\s,]+/)
  if (exempt.some((rule) => rule !== '' && covers(rule, host, port || (protocol === 'https:' ? '443' : '80')))) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function covers(rule: string, host: string, port: string): boolean {
  if (rule === '*') return true
  const network = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(rule)
  if (network?.[1] && isIP(network[1])) return isIP(host) !== 0 && inNetwork(network[1], Number(network[2]), host)
  const [, name = rule, onlyPort] = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(rule) ?? []
  if (onlyPort !== undefined && onlyPort !== port) return false
  const bare = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '.')
  if (isIP(host)) return host === bare
  return bare.startsWith('.') ? host.endsWith(bare) : host === bare || host.endsWith(`.${bare}`)
}

function inNetwork(address: string, prefix: number, host: string): boolean {
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
  if (prefix > (family === 'ipv4' ? 32 : 128)) return false
  const network = new BlockList()
  network.addSubnet(address, prefix, family)
  return network.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6')
}
