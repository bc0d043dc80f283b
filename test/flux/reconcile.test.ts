import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { reconcile } from '../../src/flux/reconcile.ts'
import { actAsFlux, failing, gitRepository, kinds, kustomization, put, ready, startCluster, type TestCluster } from './cluster.ts'

const old = '1'.repeat(40)
const wanted = '2'.repeat(40)
const later = '3'.repeat(40)
const at = (sha: string) => `main@sha1:${sha}`
const fetched = (sha: string) => ({
  ...ready,
  artifact: { revision: at(sha), digest: 'sha256:0', path: 'p', url: 'http://x', lastUpdateTime: '2026-01-01T00:00:00Z' },
})
const applied = (sha: string) => ({ ...ready, lastAppliedRevision: at(sha), lastAttemptedRevision: at(sha) })

let here: TestCluster
beforeEach(async () => {
  here = await startCluster()
  put(here.server, gitRepository({}, fetched(old)))
  put(here.server, kustomization('apps', {}, { ...applied(old), observedGeneration: 1 }))
})
afterEach(() => here.close())

interface More {
  timeout?: number
  askAgainAfter?: number
  env?: Record<string, string>
  name?: string
  signal?: AbortSignal
  said?: string[]
}

function run(more: More = {}) {
  const { timeout = 30_000, askAgainAfter = 60_000, env = {}, name = 'apps', signal = new AbortController().signal, said = [] } = more
  return reconcile(
    here.cluster,
    {
      kustomization: { name, namespace: 'flux-system' },
      source: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' },
      wanted,
      isWantedOrLater: async (sha) => sha === later,
    },
    { env, timeout, signal, say: (text) => said.push(text), askAgainAfter },
  )
}

const failureOf = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => Promise.reject(new Error('it went well')),
    (error) => (error instanceof Failure ? error : Promise.reject(error)),
  )

describe('without the flux command', () => {
  it('asks the source, then the Kustomization, and ends with the revision that was applied', async () => {
    const asked: string[] = []
    actAsFlux(here.server, ({ kind }) => {
      asked.push(kind)
      return kind === 'GitRepository' ? fetched(wanted) : applied(wanted)
    })
    expect(await run()).toEqual({ revision: at(wanted) })
    expect(asked).toEqual(['GitRepository', 'Kustomization'])
    const owners = here.server.store.get(kinds.kustomization, 'flux-system', 'apps')?.metadata.managedFields?.map(({ manager }) => manager)
    expect(owners).toContain('flux-client-side-apply')
  })

  it('is content with a later commit, written with ref.name', async () => {
    actAsFlux(here.server, ({ kind }) =>
      kind === 'GitRepository' ? fetched(later) : { ...ready, lastAppliedRevision: `refs/heads/main@sha1:${later}` },
    )
    expect(await run()).toEqual({ revision: `refs/heads/main@sha1:${later}` })
  })

  it('does not take Ready for the old revision as success', async () => {
    actAsFlux(here.server, ({ kind }) => (kind === 'GitRepository' ? fetched(wanted) : applied(old)))
    expect(await failureOf(run({ timeout: 1_500 }))).toMatchObject({ id: 'wait-deadline', exit: 'partly' })
  })

  it('does not take a success that is still being worked on', async () => {
    const busy = {
      ...applied(wanted),
      conditions: [...ready.conditions, { type: 'Reconciling', status: 'True', reason: 'Progressing', message: '' }],
    }
    actAsFlux(here.server, ({ kind }) => (kind === 'GitRepository' ? fetched(wanted) : busy))
    expect(await failureOf(run({ timeout: 1_500 }))).toMatchObject({ id: 'wait-deadline' })
  })

  it('tells a build that never heals at once, with message, cause and fix', async () => {
    const message = 'kustomize build failed: may not add resource with an already registered id: Secret.v1/a.b'
    actAsFlux(here.server, ({ kind }) => (kind === 'GitRepository' ? fetched(wanted) : failing('BuildFailed', message)))
    const failure = await failureOf(run({ timeout: 60_000 }))
    expect(failure).toMatchObject({
      id: 'flux-failed',
      exit: 'partly',
      message: 'The Flux Kustomization flux-system/apps failed: BuildFailed.',
    })
    expect(failure.why).toBe(`The object Secret.v1/a.b is listed twice. Flux says: ${message}`)
  })

  it('passes over a failure from before the request, however long the answer takes', async () => {
    put(here.server, kustomization('apps', {}, { ...failing('BuildFailed', 'old trouble'), lastHandledReconcileAt: 'long ago' }))
    actAsFlux(here.server, (object) => {
      if (object.kind === 'GitRepository') return fetched(wanted)
      setTimeout(() => put(here.server, { ...object, status: { ...applied(wanted), observedGeneration: object.metadata.generation } }), 100)
      return undefined
    })
    expect(await run()).toEqual({ revision: at(wanted) })
  })

  it('asks again while the webhook is still starting, and says so once', async () => {
    const message =
      'ClusterSecretStore/x dry-run failed (InternalError): Internal error occurred: failed calling webhook "validate.clustersecretstore.external-secrets.io": dial tcp: connect: connection refused'
    actAsFlux(here.server, ({ kind }, nth) => {
      if (kind === 'GitRepository') return fetched(wanted)
      return nth < 4 ? failing('ReconciliationFailed', message) : applied(wanted)
    })
    const said: string[] = []
    expect(await run({ said, askAgainAfter: 30 })).toEqual({ revision: at(wanted) })
    expect(said.filter((text) => text.includes('webhook validate.clustersecretstore.external-secrets.io'))).toHaveLength(1)
  })

  it('at the deadline tells the last failure instead of a timeout', async () => {
    actAsFlux(here.server, ({ kind }) =>
      kind === 'GitRepository'
        ? fetched(wanted)
        : failing('HealthCheckFailed', "health check failed after 1s: timeout waiting for: [Deployment/a/b status: 'InProgress']"),
    )
    const failure = await failureOf(run({ timeout: 1_500 }))
    expect(failure.message).toContain('HealthCheckFailed')
    expect(failure.why).toContain("Deployment/a/b status: 'InProgress'")
  })

  it('names a source that may not be read, at once', async () => {
    actAsFlux(here.server, () => ({
      ...failing('AuthenticationFailed', 'ssh: handshake failed: unable to authenticate'),
      artifact: fetched(old).artifact,
    }))
    const failure = await failureOf(run({ timeout: 60_000 }))
    expect(failure.message).toBe('The Flux GitRepository flux-system/flux-system failed: AuthenticationFailed.')
  })

  it('asks what it depends on as well, and tells the dependency that failed', async () => {
    put(here.server, kustomization('operator', {}, applied(old)))
    put(here.server, kustomization('stores', { dependsOn: [{ name: 'operator' }] }, applied(old)))
    const asked: string[] = []
    actAsFlux(here.server, ({ kind, metadata: { name } }) => {
      asked.push(name)
      if (kind === 'GitRepository') return fetched(wanted)
      if (name === 'stores') return failing('DependencyNotReady', "dependency 'flux-system/operator' is not ready")
      return { ...failing('BuildFailed', 'kustomization.yaml is empty'), lastAttemptedRevision: at(wanted) }
    })
    const failure = await failureOf(run({ name: 'stores', timeout: 60_000 }))
    expect(asked.slice(0, 3)).toEqual(['flux-system', 'operator', 'stores'])
    expect(failure.message).toBe('The Flux Kustomization flux-system/operator failed: BuildFailed.')
  })

  it('waits for one that its parent has yet to create', async () => {
    actAsFlux(here.server, () => {
      const born = kustomization('born', {}, { ...applied(wanted), observedGeneration: 1 })
      setTimeout(() => put(here.server, born), 100)
      return fetched(wanted)
    })
    expect(await run({ name: 'born' })).toEqual({ revision: at(wanted) })
    expect(await failureOf(run({ name: 'never', timeout: 200 }))).toMatchObject({ id: 'wait-deadline', why: 'It does not exist.' })
  })

  it('a suspended Kustomization is told, with how to resume it', async () => {
    put(here.server, kustomization('apps', { suspend: true }))
    actAsFlux(here.server, () => fetched(wanted))
    expect(await failureOf(run())).toMatchObject({ id: 'suspended', exit: 'blocked' })
  })

  it('an abort ends it with the reason', async () => {
    const controller = new AbortController()
    const reason = new Error('Ctrl-C')
    setTimeout(() => controller.abort(reason), 100)
    await expect(run({ signal: controller.signal })).rejects.toBe(reason)
  })
})

describe('with the flux command', () => {
  async function flux(script: string): Promise<Record<string, string>> {
    const file = join(here.folder, 'flux')
    await writeFile(file, `#!/bin/sh\n${script}\n`)
    await chmod(file, 0o755)
    return { PATH: `${here.folder}:/usr/bin:/bin` }
  }

  it('it is called for this cluster, this object and with its source; its success alone is not believed', async () => {
    const env = await flux(`echo "$KUBECONFIG $@" > ${here.folder}/called`)
    const failure = await failureOf(run({ env, timeout: 1_500 }))
    const { readFile } = await import('node:fs/promises')
    const called = await readFile(join(here.folder, 'called'), 'utf8')
    expect(called).toBe(
      `${here.folder}/kubeconfig reconcile kustomization apps -n flux-system --with-source --timeout=1s --context=sandbox\n`,
    )
    expect(failure.id).toBe('wait-deadline')
  })

  it.each([
    ['fails', 'exit 1'],
    ['hangs', 'sleep 60'],
  ])('when it %s, what it would have done is done natively', async (_, script) => {
    const env = await flux(script)
    actAsFlux(here.server, ({ kind }) => (kind === 'GitRepository' ? fetched(wanted) : applied(wanted)))
    expect(await run({ env })).toEqual({ revision: at(wanted) })
  })
})
