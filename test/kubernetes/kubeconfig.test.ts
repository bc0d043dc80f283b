import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { loadKubeconfig } from '../../src/kubernetes/kubeconfig.ts'
import { certificate } from './server.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'home-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

async function write(name: string, content: string | object): Promise<string> {
  const file = join(home, name)
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

/** A kubeconfig whose contexts are named; each has a cluster and a user of the same name. */
function config(names: string[], more: { user?: object; cluster?: object; current?: string } = {}): object {
  return {
    ...(more.current === undefined ? {} : { 'current-context': more.current }),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
    clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.example.test:6443`, ...more.cluster } })),
    users: names.map((name) => ({ name, user: more.user ?? { token: `token-of-${name}` } })),
  }
}

const load = (more: { kubeconfig?: string; context?: string; env?: Record<string, string> } = {}) =>
  loadKubeconfig({ home, env: {}, ...more })

const failureOf = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => Promise.reject(new Error('it went well')),
    (error) => (error instanceof Failure ? error : Promise.reject(error)),
  )

describe('where it is', () => {
  it('--kubeconfig goes before KUBECONFIG, which goes before ~/.kube/config', async () => {
    await mkdir(join(home, '.kube'))
    await write('.kube/config', config(['home'], { current: 'home' }))
    const listed = await write('listed', config(['listed'], { current: 'listed' }))
    const given = await write('given', config(['given'], { current: 'given' }))
    expect((await load()).getCurrentContext()).toBe('home')
    expect((await load({ env: { KUBECONFIG: listed } })).getCurrentContext()).toBe('listed')
    expect((await load({ kubeconfig: given, env: { KUBECONFIG: listed } })).getCurrentContext()).toBe('given')
  })

  it('a list merges: what is missing is passed over, and the first of two with the same name wins', async () => {
    const one = await write('one', config(['a', 'both'], { current: 'both', cluster: { server: 'https://first.test:6443' } }))
    const two = await write('two', config(['both', 'b'], { current: 'b', cluster: { server: 'https://second.test:6443' } }))
    const env = { KUBECONFIG: [join(home, 'missing'), one, '', two, one].join(delimiter) }
    expect((await load({ env })).getCurrentCluster()?.server).toBe('https://first.test:6443')
    expect((await load({ env, context: 'b' })).getCurrentCluster()?.server).toBe('https://second.test:6443')
  })

  it('no file at all', async () => {
    const failure = await failureOf(load())
    expect(failure).toMatchObject({ id: 'kubeconfig-missing', exit: 'blocked' })
    expect(failure.why).toContain(`${home}/.kube/config`)
    expect(await failureOf(load({ env: { KUBECONFIG: '/no/such' } }))).toMatchObject({
      id: 'kubeconfig-missing',
      why: expect.stringContaining('/no/such'),
    })
    expect(await failureOf(load({ kubeconfig: '/no/such' }))).toMatchObject({
      id: 'kubeconfig-missing',
      message: expect.stringContaining('/no/such'),
    })
  })

  it.each([
    ['a folder', async () => mkdir(join(home, 'file'))],
    ['no YAML', async () => write('file', 'users:\n- name: a\n  user: {token: "canary-3f9a\n')],
    ['a text', async () => write('file', 'canary-3f9a')],
  ])('%s is unreadable, and nothing of it is quoted', async (_, make) => {
    await make()
    const failure = await failureOf(load({ kubeconfig: join(home, 'file') }))
    expect(failure.id).toBe('kubeconfig-unreadable')
    expect(JSON.stringify([failure.message, failure.why, failure.fix])).not.toContain('canary')
  })
})

describe('which context', () => {
  it('an unknown one lists the known', async () => {
    const kubeconfig = await write('c', config(['prod', 'dev'], { current: 'dev' }))
    expect(await failureOf(load({ kubeconfig, context: 'prd' }))).toMatchObject({
      id: 'context-unknown',
      exit: 'usage',
      why: 'It has: dev, prod.',
    })
  })

  it('a current one that is not there, and none at all, are blocked', async () => {
    const dangling = await write('d', config(['prod'], { current: 'gone' }))
    expect(await failureOf(load({ kubeconfig: dangling }))).toMatchObject({ id: 'context-unknown', exit: 'blocked' })
    const none = await write('n', config(['prod']))
    expect(await failureOf(load({ kubeconfig: none }))).toMatchObject({ id: 'context-missing', exit: 'blocked' })
  })

  it('what is broken in another context does not matter', async () => {
    const good = config(['good'], { current: 'good' }) as { contexts: object[]; users: object[] }
    const kubeconfig = await write('c', {
      ...good,
      contexts: [...good.contexts, { name: 'bad' }],
      users: [...good.users, { name: 'bad', user: { 'client-key': '/no/such' } }],
    })
    expect((await load({ kubeconfig })).getCurrentUser()?.token).toBe('token-of-good')
  })
})

describe('what it holds', () => {
  const only = async (more: { user?: object; cluster?: object }) => write('c', config(['c'], { current: 'c', ...more }))

  it('paths are relative to the file, and a token file is read without its last newline', async () => {
    await write('token.txt', 'from-a-file\n')
    await write('ca.crt', 'x')
    const kubeconfig = await only({ user: { tokenFile: 'token.txt' }, cluster: { 'certificate-authority': 'ca.crt' } })
    const loaded = await load({ kubeconfig })
    expect(loaded.getCurrentUser()?.token).toBe('from-a-file')
    expect(loaded.getCurrentCluster()?.caFile).toBe(join(home, 'ca.crt'))
  })

  it('data goes before a file, as in kubectl', async () => {
    const cluster = { 'certificate-authority': '/no/such', 'certificate-authority-data': 'eA==' }
    const loaded = (await load({ kubeconfig: await only({ cluster }) })).getCurrentCluster()
    expect([loaded?.caFile, loaded?.caData]).toEqual([undefined, 'eA=='])
  })

  it('a token with a line break inside is refused without being shown', async () => {
    const failure = await failureOf(load({ kubeconfig: await only({ user: { token: 'canary-3f9a\nrest' } }) }))
    expect(failure.id).toBe('kubeconfig-token')
    expect(JSON.stringify([failure.message, failure.why, failure.fix, failure.stack])).not.toContain('canary')
  })

  it.each([
    [{ cluster: { server: undefined } }, 'kubeconfig-incomplete'],
    [{ cluster: { server: 'nonsense' } }, 'kubeconfig-incomplete'],
    [{ cluster: { server: 'http://localhost:8080' } }, 'kubeconfig-plain-http'],
    [{ cluster: { 'certificate-authority': '/no/such/ca.crt' } }, 'kubeconfig-incomplete'],
    [{ user: { 'client-certificate-data': 'bm8=' } }, 'kubeconfig-incomplete'],
    [{ user: { 'auth-provider': { name: 'gcp', config: {} } } }, 'kubeconfig-incomplete'],
  ])('%j is %s', async (more, id) => {
    expect(await failureOf(load({ kubeconfig: await only(more) }))).toMatchObject({ id, exit: 'blocked' })
  })

  it('an expired client certificate is recognised before any call', async () => {
    const past = await certificate({ notBeforeDate: new Date('2020-01-01'), notAfterDate: new Date('2021-02-03') })
    const data = Buffer.from(past.cert).toString('base64')
    const failure = await failureOf(load({ kubeconfig: await only({ user: { 'client-certificate-data': data } }) }))
    expect(failure).toMatchObject({
      id: 'certificate-expired',
      exit: 'refused',
      message: 'The client certificate of the context c expired on 2021-02-03.',
    })
    const valid = Buffer.from((await certificate()).cert).toString('base64')
    await expect(load({ kubeconfig: await only({ user: { 'client-certificate-data': valid } }) })).resolves.toBeDefined()
  })

  it("the environment's proxy is used unless the kubeconfig names one", async () => {
    const env = { HTTPS_PROXY: 'http://env.proxy:3128' }
    expect((await load({ kubeconfig: await only({}), env })).getCurrentCluster()?.proxyUrl).toBe('http://env.proxy:3128')
    const own = await only({ cluster: { 'proxy-url': 'http://own.proxy:1' } })
    expect((await load({ kubeconfig: own, env })).getCurrentCluster()?.proxyUrl).toBe('http://own.proxy:1')
  })
})
