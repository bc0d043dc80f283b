import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { proxyFor } from '../../src/kubernetes/proxy.ts'
import { json, serve } from './server.ts'
import { startTunnel } from './tunnel.ts'

describe('the proxy of the environment', () => {
  const proxy = 'http://proxy.test:3128'
  const forUrl = (url: string, noProxy: string) => proxyFor(url, { HTTPS_PROXY: proxy, NO_PROXY: noProxy })

  it.each([
    ['https://10.1.2.3:6443', '10.0.0.0/8'],
    ['https://10.1.2.3:6443', '10.1.2.3'],
    ['https://10.1.2.3:6443', 'other.test, 10.1.2.3:6443'],
    ['https://api.home.test:6443', 'home.test'],
    ['https://api.home.test:6443', '.home.test'],
    ['https://api.home.test:6443', '*.home.test'],
    ['https://API.home.test:6443', 'api.HOME.test:6443'],
    ['https://[fd00::5]:6443', 'fd00::/16'],
    ['https://anything.test', '*'],
    ['https://127.0.0.1:6443', ''],
    ['https://localhost:6443', ''],
    ['https://[::1]:6443', ''],
  ])('%s is reached directly with NO_PROXY=%s', (url, noProxy) => {
    expect(forUrl(url, noProxy)).toBeUndefined()
  })

  it.each([
    ['https://10.1.2.3:6443', '11.0.0.0/8,10.1.2.4'],
    ['https://10.1.2.3:6443', '10.1.2.3:443'],
    ['https://api.home.test:6443', 'me.test, ome.test,xapi.home.test'],
    ['https://home.test:6443', '.home.test'],
    ['https://10.1.2.3:6443', '10.0.0.0/99'],
    ['https://10.1.2.3:6443', 'fd00::/16'],
  ])('%s goes through it with NO_PROXY=%s', (url, noProxy) => {
    expect(forUrl(url, noProxy)).toBe(proxy)
  })

  it('small names count too, and a proxy without a scheme is an http one', () => {
    expect(proxyFor('https://a.test', { https_proxy: 'proxy.test:1' })).toBe('http://proxy.test:1')
    expect(proxyFor('https://a.test', { HTTP_PROXY: proxy })).toBeUndefined()
  })
})

describe('a call through a proxy', () => {
  it('is tunnelled to the name that the kubeconfig has, without resolving it here', async () => {
    const server = await serve((_, response) => json(response, { gitVersion: 'v1.34.1' }))
    const proxy = await startTunnel(server)

    const cluster = await server.connect({ cluster: { server: 'https://api.cluster.test:6443' }, env: proxy.env })
    expect(await cluster.version()).toBe('v1.34.1')
    await cluster.version()
    expect(proxy.tunnels).toEqual(['api.cluster.test:6443'])
    await server.close()
    proxy.close()
  })

  it('that refuses is told, without its password', async () => {
    const server = await serve((_, response) => json(response, {}))
    const proxy = http.createServer().on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'))
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const env = { HTTPS_PROXY: `http://user:canary-3f9a@127.0.0.1:${(proxy.address() as AddressInfo).port}` }
    const cluster = await server.connect({ cluster: { server: 'https://api.cluster.test:6443' }, env })
    const failure = await cluster.version().catch((error) => error)
    expect(failure).toMatchObject({ id: 'server-unreachable', why: expect.stringContaining('407') })
    expect(JSON.stringify([failure.message, failure.why, failure.fix, failure.stack])).not.toContain('canary')
    await server.close()
    proxy.close()
  })
})
