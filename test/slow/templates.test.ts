import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv, type ValidateFunction } from 'ajv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { scaffold } from '../../src/manifests/scaffold.ts'
import { type At, chooseVersions } from '../../src/manifests/versions.ts'
import { templatesFolder } from '../../src/templates.ts'
import { environment, run } from '../commands/run.ts'

const exec = promisify(execFile)
const fixtures = new URL('../fixtures/crds/', import.meta.url).pathname

interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
  // biome-ignore lint/suspicious/noExplicitAny: as kustomize prints it.
  spec?: any
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eso-bootstrap-templates-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let made = 0
/** A repository as `flux bootstrap` leaves it, with a cluster folder that lists what it holds. */
async function repository(clusterPath: string): Promise<string> {
  const path = join(folder, `repository-${made++}`)
  const listing = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - source.yaml\n'
  const source = 'apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n  namespace: flux-system\n'
  await write(path, { [`${clusterPath}/kustomization.yaml`]: listing, [`${clusterPath}/source.yaml`]: source })
  await exec('git', ['init', '--quiet', path])
  return path
}

async function write(top: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(top, path)), { recursive: true })
    await writeFile(join(top, path), text)
  }
}

/** With the load restrictor that Flux builds with: https://fluxcd.io/flux/components/kustomize/kustomizations/ */
async function build(top: string, path: string): Promise<KubernetesObject[]> {
  const { stdout } = await exec('kubectl', ['kustomize', '--load-restrictor', 'LoadRestrictionsNone', join(top, path)])
  return parseAllDocuments(stdout).map((each) => each.toJS())
}

/** All that reaches the cluster: what the cluster's folder builds, and what the Flux Kustomizations in it build. */
async function followed(top: string, clusterPath: string): Promise<KubernetesObject[]> {
  const first = await build(top, clusterPath)
  const paths = first.filter(({ kind }) => kind === 'Kustomization').map(({ spec }) => spec.path as string)
  return [...first, ...(await Promise.all(paths.map((path) => build(top, path)))).flat()]
}

const wanted = [
  'ClusterSecretStore onepassword',
  'Deployment onepassword-connect',
  'GitRepository flux-system',
  'HelmRelease external-secrets',
  'HelmRepository external-secrets',
  'Kustomization external-secrets',
  'Kustomization external-secrets-operator',
  'Namespace external-secrets',
  'SecretStore onepassword',
  'Service onepassword-connect',
]
const enabledByInit = ['ClusterSecretStore', 'Deployment', 'SecretStore', 'Service']
const titles = (objects: readonly KubernetesObject[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()

/** Versions that `--eso-version` or `--connect-version` takes. */
function accepted(candidates: readonly string[], at: (version: string) => At): string[] {
  return candidates.filter((version) => {
    try {
      return chooseVersions(at(version)) !== undefined
    } catch {
      return false
    }
  })
}
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at)
const lines = numbers(5).flatMap((major) => numbers(40).map((minor) => `${major}.${minor}`))
const charts = accepted(lines, (line) => ({ esoVersion: `${line}.x` }))
const connects = accepted(
  lines.flatMap((line) => ['3', '6'].map((patch) => `${line}.${patch}`)),
  (version) => ({ connectVersion: version }),
)

it('knows the versions that the seed and the tests of others are about', () => {
  expect(charts).toEqual(expect.arrayContaining(['0.11', '0.16', '0.20', '2.9']))
  expect(connects).toEqual(expect.arrayContaining(['1.5.6', '1.7.3']))
})

describe.each([
  ...charts.map((line) => ['--eso-version', `${line}.x`] as const),
  ...connects.map((version) => ['--connect-version', version] as const),
])('init --offline --scaffold %s %s', (flag, version) => {
  const clusterPath = 'clusters/home'

  it('builds, and every object is valid in every CRD that serves its version', async () => {
    const top = await repository(clusterPath)
    const args = ['--offline', '--yes', '--scaffold', '--cluster-path', clusterPath, '--vault', 'homelab', flag, version]
    const ended = await run(['init', ...args], { cwd: top, env: environment() })
    expect(ended).toMatchObject({ code: 0 })

    const objects = await followed(top, clusterPath)
    expect(titles(objects)).toEqual(wanted)
    expect(await invalid(objects)).toEqual([])
    const find = (wantedKind: string) => objects.find(({ kind }) => kind === wantedKind)?.spec
    expect(find('ClusterSecretStore').provider.onepassword.vaults).toEqual({ homelab: 1 })
    if (flag === '--eso-version') expect(find('HelmRelease').chart.spec.version).toBe(version)
    else {
      const images = find('Deployment').template.spec.containers.map(({ image }: { image: string }) => image)
      expect(images).toEqual([`docker.io/1password/connect-api:${version}`, `docker.io/1password/connect-sync:${version}`])
    }
  })
})

describe.each(['v2', 'v2beta2', 'v2beta1'])('a cluster that serves HelmRelease %s', (helmRelease) => {
  it.each(['v1', 'v1beta2'])('and HelmRepository %s: builds before init has enabled anything, and is valid', async (helmRepository) => {
    const clusterPath = 'clusters/home/flux'
    const top = await repository(clusterPath)
    const versions = chooseVersions({ served: { helmRelease: [helmRelease], helmRepository: [helmRepository], kustomization: ['v1'] } })
    const source = { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' }
    const files = await scaffold({ path: 'base/eso', clusterPath, namespace: 'external-secrets', versions, source }, templatesFolder)
    await write(top, Object.fromEntries(files.map(({ path, text }) => [path, text])))
    const listing = await readFile(join(top, clusterPath, 'kustomization.yaml'), 'utf8')
    await write(top, { [`${clusterPath}/kustomization.yaml`]: `${listing}  - external-secrets.yaml\n` })

    const objects = await followed(top, clusterPath)
    expect(titles(objects)).toEqual(wanted.filter((title) => !enabledByInit.includes(title.split(' ')[0] ?? '')))
    expect(await invalid(objects)).toEqual([])
    const versionsOf = objects.filter(({ kind }) => kind.startsWith('Helm')).map(({ apiVersion }) => apiVersion.split('/')[1])
    expect(versionsOf.sort()).toEqual([helmRelease, helmRepository].sort())
  })
})

it.each([
  ['0.12', '0.12.1'],
  ['0.16', '0.16.1'],
  ['0.20', '0.20.4'],
  ['1.3', '1.3.2'],
])('chart %s: its CRDs serve the version that the stores are written in', async (line, release) => {
  const { externalSecrets } = chooseVersions({ esoVersion: `${line}.x` })
  const crd = JSON.parse(await readFile(join(fixtures, `external-secrets-${release}`, 'ClusterSecretStore.json'), 'utf8'))
  expect(crd.versions[externalSecrets.split('/')[1] ?? '']).toMatchObject({ served: true })
})

/** What the schemas have against these objects, as `file: kind: what`. */
async function invalid(objects: readonly KubernetesObject[]): Promise<string[]> {
  const all = await schemas()
  const custom = objects.filter(({ apiVersion }) => apiVersion.includes('.'))
  const complaints = custom.flatMap((object) => {
    const fitting = all.filter(({ type }) => type === `${object.apiVersion} ${object.kind}`)
    if (fitting.length === 0) return [`no CRD serves ${object.apiVersion} ${object.kind}`]
    return fitting.flatMap(({ file, validate }) => (validate(object) ? [] : [`${file}: ${JSON.stringify(validate.errors)}`]))
  })
  return [...complaints, ...(await unknownValues(objects.find(({ kind }) => kind === 'HelmRelease')?.spec.values))]
}

interface Schema {
  file: string
  /** `external-secrets.io/v1 SecretStore` */
  type: string
  validate: ValidateFunction
}

let read: Promise<Schema[]> | undefined
function schemas(): Promise<Schema[]> {
  read ??= readSchemas()
  return read
}

async function readSchemas(): Promise<Schema[]> {
  // Formats such as int64 are Kubernetes' own.
  const ajv = new Ajv({ strict: false, validateFormats: false })
  const files = (await readdir(fixtures, { recursive: true })).filter((name) => /\/[A-Z]\w+\.json$/.test(name))
  const crds = await Promise.all(files.map(async (file) => ({ file, ...JSON.parse(await readFile(join(fixtures, file), 'utf8')) })))
  return crds.flatMap(({ file, group, kind, versions }) =>
    Object.entries(versions as Record<string, { served: boolean; schema: object }>)
      .filter(([, { served }]) => served)
      .map(([version, { schema }]) => ({ file, type: `${group}/${version} ${kind}`, validate: ajv.compile(schema) })),
  )
}

/** Values that the HelmRelease sets and a chart doesn't have: Helm takes them without a word. */
async function unknownValues(values: object): Promise<string[]> {
  const files = (await readdir(fixtures, { recursive: true })).filter((name) => name.endsWith('/values.json'))
  expect(files.length).toBeGreaterThan(1)
  const charts = await Promise.all(files.map(async (file) => ({ file, chart: JSON.parse(await readFile(join(fixtures, file), 'utf8')) })))
  return charts.flatMap(({ file, chart }) => unknownIn(values, chart.values, []).map((path) => `${file}: ${path}`))
}

function unknownIn(given: object, known: Record<string, unknown>, at: readonly string[]): string[] {
  return Object.entries(given).flatMap(([key, value]) => {
    const path = [...at, key]
    const there = known[key]
    if (there === undefined || typeof there !== typeof value) return [path.join('.')]
    // An empty object, as `resources: {}`, takes anything.
    const isOpen = typeof there !== 'object' || there === null || Object.keys(there).length === 0
    return isOpen ? [] : unknownIn(value as object, there as Record<string, unknown>, path)
  })
}
