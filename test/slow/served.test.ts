import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { environmentName, optionsOf } from '../../src/options.ts'
import { scenarios } from '../../src/sandbox/scenarios.ts'
import { validate } from '../commands/init/schema.ts'
import { bare, kubectl, type Served, serve } from './served.ts'

const exec = promisify(execFile)

let folder: string
let served: Served
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eso-bootstrap-served-'))
  await mkdir(join(folder, 'bin'))
  const script = `#!/bin/sh\nexec '${process.execPath}' '${inject('program')}' "$@"\n`
  await writeFile(join(folder, 'bin/eso-bootstrap'), script, { mode: 0o755 })
  served = await serve(['--verbose'])
})
afterAll(async () => {
  await served?.end()
  await rm(folder, { recursive: true, force: true })
})

interface Ran {
  code: number | null
  stdout: string
  stderr: string
  milliseconds: number
}

/** A script as a person types it into a shell, with `eso-bootstrap` in reach and nothing else set. */
function shell(script: string, env: Record<string, string> = bare(folder)): Promise<Ran> {
  const started = performance.now()
  const PATH = `${join(folder, 'bin')}:${env['PATH']}`
  const child = spawn('sh', ['-c', script], { cwd: folder, env: { ...env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr, milliseconds: performance.now() - started }))
  })
}

/** The same after `eval` of what `demo --serve` printed, up to the line `ready`. */
function sandboxed(script: string): Promise<Ran> {
  return shell(`eval "$EXPORTS"\nunset EXPORTS\n${script}`, bare(folder, { EXPORTS: served.stdout().replace(/^ready\n/m, '') }))
}

let marks = 0
/** What the API server answered meanwhile, as the lines of `--verbose`. */
async function requestsDuring(work: () => Promise<Ran>): Promise<{ ran: Ran; requests: string[] }> {
  const mark = async () => {
    const path = `/livez?mark=${marks++}`
    await sandboxed(`kubectl get --raw '${path}'`)
    await vi.waitUntil(() => served.stderr().includes(`GET ${path} 200\n`), 10_000)
    return served.stderr().split('\n')
  }
  const before = (await mark()).length
  const ran = await work()
  return { ran, requests: (await mark()).slice(before - 1, -2) }
}

/** Reads, dry runs, and questions for permissions. */
const isRead = (request: string) =>
  /^(GET|HEAD) /.test(request) || /[?&]dryRun=All\b/.test(request) || /^POST \/apis\/authorization\.k8s\.io\/v1\/selfsubject/.test(request)

/** Everything that a run could leave changed: the objects, the working tree, the branches. */
async function world(): Promise<string> {
  const kinds = 'namespaces,secrets,leases,externalsecrets,clustersecretstores,secretstores,kustomizations,gitrepositories,helmreleases'
  const { code, stdout } = await sandboxed(`
    kubectl get ${kinds} --all-namespaces -o 'jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}'
    cd "$ESO_BOOTSTRAP_REPO" && git status --porcelain && git log --all --format=%H && git ls-remote origin`)
  expect(code).toBe(0)
  return stdout
}

describe('with nothing given and nobody to ask', () => {
  it('init ends with 2 in a blink, and names all that is missing: flag, variable, and what it is', async () => {
    const runs = []
    // The quickest of three: the machine may be busy with something else.
    for (let at = 0; at < 3; at++) runs.push(await shell('eso-bootstrap init </dev/null'))
    expect(Math.min(...runs.map(({ milliseconds }) => milliseconds))).toBeLessThan(1000)
    for (const { code, stdout, stderr } of runs) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      for (const { flag, required } of optionsOf('init').filter((option) => option.required !== undefined))
        expect(stderr.replace(/\s+/g, ' ')).toMatch(new RegExp(`--${flag} [^→]*${environmentName(flag)}[^→]*${required}`))
      expect(stderr).toMatch(/--yes .*ESO_BOOTSTRAP_YES/)
    }
  })

  it('names only what is still missing', async () => {
    const { code, stderr } = await shell('ESO_BOOTSTRAP_VAULT=homelab eso-bootstrap init --git push --yes </dev/null')
    expect(code).toBe(2)
    expect(stderr).toMatch(/--credentials .*\n.*--token /)
    expect(stderr).not.toMatch(/--vault|--git|--yes/)
  })
})

describe('from the first run on', () => {
  it('a bare init finds all it needs in what was exported, and ends with 0', async () => {
    const { ran, requests } = await requestsDuring(() => sandboxed('eso-bootstrap init --yes --git push'))
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.stdout).toMatch(/^Configured, not verified\./)
    const secrets = '/api/v1/namespaces/external-secrets/secrets'
    for (const name of ['onepassword-connect-secret', 'onepassword-connect-token'])
      expect(requests.filter((request) => !isRead(request))).toContainEqual(
        expect.stringMatching(`^PATCH ${secrets}/${name}\\?.*fieldManager=eso-bootstrap.* 201$`),
      )
  })

  it('kubectl gets the credentials, which decode twice', async () => {
    const { stdout } = await sandboxed('kubectl get secret onepassword-connect-secret -n external-secrets -o json')
    const data = JSON.parse(stdout).data['1password-credentials.json']
    const twice = Buffer.from(Buffer.from(data, 'base64').toString(), 'base64').toString()
    expect(twice).toBe(await readFile(served.exports.ESO_BOOTSTRAP_CREDENTIALS, 'utf8'))
  })

  it('again: ends with 0, and only reads', async () => {
    const before = await world()
    const { ran, requests } = await requestsDuring(() => sandboxed('eso-bootstrap init --yes --git push'))
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.stdout).toMatch(/^✔ Nothing to change/)
    expect(requests.length).toBeGreaterThan(5)
    expect(requests.filter((request) => !isRead(request))).toEqual([])
    expect(await world()).toBe(before)
  })

  it.each(['--yes --git push', '--dry-run --git push', '--yes --git push --context nowhere'])(
    '-o json with %s is one document, valid against the schema',
    async (flags) => {
      const { code, stdout, stderr } = await sandboxed(`eso-bootstrap init -o json ${flags}`)
      const report = JSON.parse(stdout)
      expect(validate(report), JSON.stringify(validate.errors)).toBe(true)
      expect(report.exitCode).toBe(code)
      expect(stderr).toBe('')
    },
  )

  it('and its exports stay as they are: nothing was said but those and `ready`', () => {
    expect(served.stdout()).toMatch(/^(export [A-Z_]+='[^']+'\n){6}ready\n$/)
    expect(Object.keys(served.exports).sort()).toEqual(
      ['DEMO_NEW_TOKEN', ...['CREDENTIALS', 'REPO', 'TOKEN', 'VAULT'].map((name) => `ESO_BOOTSTRAP_${name}`), 'KUBECONFIG'].sort(),
    )
  })

  it('a second valid token replaces the first when it is told to', async () => {
    const init = 'ESO_BOOTSTRAP_TOKEN=$DEMO_NEW_TOKEN eso-bootstrap init --yes --git push'
    expect(await sandboxed(init)).toMatchObject({ code: 3, stderr: expect.stringContaining('holds another value') })
    expect(await sandboxed(`${init} --replace`)).toMatchObject({ code: 0 })
    const { stdout } = await sandboxed(
      `kubectl get secret onepassword-connect-token -n external-secrets -o 'jsonpath={.data.token}' | base64 -d | cmp - "$DEMO_NEW_TOKEN" && echo same`,
    )
    expect(stdout).toBe('same\n')
  })
})

describe('kubectl', () => {
  const manifest = (value: string) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: mine, namespace: default }\ndata: { key: ${value} }\n`
  const apply = async (value: string, flags = '') => {
    await writeFile(join(folder, 'mine.yaml'), manifest(value))
    return sandboxed(`kubectl apply --server-side ${flags} -f mine.yaml`)
  }

  it('get and describe show what is there', async () => {
    const stores = await sandboxed('kubectl get clustersecretstores')
    expect(stores.stdout).toMatch(/^NAME +AGE +STATUS +CAPABILITIES +READY\nonepassword +\S+ +Valid +\S+ +True\n$/)
    const token = await sandboxed('kubectl describe secret onepassword-connect-token -n external-secrets')
    expect(token.stdout).toMatch(/^token: +\d+ bytes$/m)
    const store = await sandboxed('kubectl describe clustersecretstore onepassword')
    expect(store.stdout).toMatch(/Reason: +Valid/)
    const wide = await sandboxed('kubectl get kustomizations,gitrepositories,helmreleases,pods,deployments --all-namespaces -o wide')
    expect(wide).toMatchObject({ code: 0, stderr: '' })
    expect(wide.stdout).toMatch(/deployment.*onepassword-connect +1\/1/)
  })

  it('apply --server-side makes, changes, and meets the conflict of another manager', async () => {
    expect(await apply('one')).toMatchObject({ code: 0, stdout: 'configmap/mine serverside-applied\n' })
    expect(await apply('two')).toMatchObject({ code: 0 })
    const conflict = await apply('three', '--field-manager=somebody-else')
    expect(conflict).toMatchObject({ code: 1, stderr: expect.stringContaining('conflict with "kubectl": .data.key') })
    expect(await apply('three', '--field-manager=somebody-else --force-conflicts')).toMatchObject({ code: 0 })
    expect((await sandboxed(`kubectl get configmap mine -o 'jsonpath={.data.key}'`)).stdout).toBe('three')
  })

  it('-w tells of every change', async () => {
    await apply('one', '--force-conflicts')
    const { KUBECONFIG } = served.exports
    const watching = spawn('kubectl', ['get', 'configmaps', '-w', '-o', 'jsonpath={.metadata.name}={.data.key}{"\\n"}'], {
      env: bare(folder, { KUBECONFIG }),
    })
    onTestFinished(() => void watching.kill('SIGKILL'))
    let lines = ''
    watching.stdout.on('data', (chunk) => {
      lines += chunk
    })
    await vi.waitUntil(() => lines.includes('mine=one\n'), 15_000)
    await apply('two')
    await vi.waitUntil(() => lines.includes('mine=two\n'), 15_000)
    expect(await sandboxed('kubectl delete configmap mine')).toMatchObject({ code: 0 })
  })
})

describe('its scenarios', () => {
  it('--list-scenarios prints their names, one a line', async () => {
    const { stdout, stderr } = await exec(process.execPath, [inject('program'), 'demo', '--list-scenarios'], { env: bare(folder) })
    expect({ stdout, stderr }).toEqual({ stdout: `${Object.keys(scenarios).join('\n')}\n`, stderr: '' })
  })

  it.each(Object.keys(scenarios).map((name, at) => [name, at % 2 === 0 ? 'SIGTERM' : 'SIGINT'] as const))(
    '%s starts, and at %s leaves nothing behind',
    async (name, signal) => {
      const temporary = await mkdtemp(join(folder, 'tmp-'))
      const one = await serve(['--scenario', name], bare(folder, { TMPDIR: temporary }))
      onTestFinished(async () => void (await one.end('SIGKILL')))
      const [made = ''] = await readdir(temporary)
      expect((await stat(join(temporary, made))).mode & 0o777).toBe(0o700)
      expect(one.exports.KUBECONFIG.startsWith(join(temporary, made))).toBe(true)
      expect(await kubectl(one, 'get', 'namespaces', '-o', 'name')).toContain('namespace/default\n')
      expect(await one.end(signal)).toBe(0)
      expect(await readdir(temporary)).toEqual([])
      expect(one.stderr()).toBe('')
    },
  )

  it('a signal while it starts: leaves nothing behind', async () => {
    const temporary = await mkdtemp(join(folder, 'tmp-'))
    const starting = spawn(process.execPath, [inject('program'), 'demo', '--serve'], { env: bare(folder, { TMPDIR: temporary }) })
    const closed = once(starting, 'close')
    await vi.waitUntil(async () => (await readdir(temporary)).length > 0, { timeout: 15_000, interval: 5 })
    starting.kill('SIGTERM')
    expect(await closed).toEqual([143, null])
    expect(await readdir(temporary)).toEqual([])
  })

  it('a name that is none of them: says so, and leaves nothing behind', async () => {
    const temporary = await mkdtemp(join(folder, 'tmp-'))
    const ended = await shell('eso-bootstrap demo --serve --scenario none', bare(folder, { TMPDIR: temporary }))
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('eso-bootstrap demo --list-scenarios') })
    expect(await readdir(temporary)).toEqual([])
  })
})
