// Makes test/fixtures/crds: the schemas that the templates are checked against, cut out of the CRDs of External Secrets
// Operator and Flux as their Go modules hold them (checked by go against its checksum database). Run by hand: node scripts/crds.js
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'

const eso = {
  module: 'github.com/external-secrets/external-secrets',
  folder: 'config/crds/bases',
  crds: ['clustersecretstores', 'secretstores', 'externalsecrets'].map((plural) => `external-secrets.io_${plural}.yaml`),
}
const helm = {
  module: 'github.com/fluxcd/helm-controller',
  folder: 'config/crd/bases',
  crds: ['helm.toolkit.fluxcd.io_helmreleases.yaml'],
}
const source = {
  module: 'github.com/fluxcd/source-controller',
  folder: 'config/crd/bases',
  crds: ['source.toolkit.fluxcd.io_helmrepositories.yaml', 'source.toolkit.fluxcd.io_gitrepositories.yaml'],
}
const kustomize = {
  module: 'github.com/fluxcd/kustomize-controller',
  folder: 'config/crd/bases',
  crds: ['kustomize.toolkit.fluxcd.io_kustomizations.yaml'],
}
const wanted = [
  { ...eso, versions: ['v0.10.7', 'v0.12.1', 'v0.16.1', 'v0.20.4', 'v1.3.2'] },
  { ...helm, versions: ['v0.36.0', 'v0.37.2', 'v1.4.0', 'v1.6.0'] },
  { ...source, versions: ['v1.3.0', 'v1.9.6'] },
  { ...kustomize, versions: ['v1.9.6'] },
]
const target = new URL('../test/fixtures/crds/', import.meta.url).pathname

for (const { module, folder, crds, versions } of wanted) {
  for (const version of versions) {
    const name = `${module.split('/').at(-1)}-${version.slice(1)}`
    const from = join(download(`${module}@${version}`), folder)
    rmSync(join(target, name), { recursive: true, force: true })
    mkdirSync(join(target, name), { recursive: true })
    for (const crd of crds) write(join(target, name), parse(readFileSync(join(from, crd), 'utf8')))
    if (module === eso.module) writeValues(join(target, name), join(from, '../../../deploy/charts/external-secrets'))
  }
}

function download(module) {
  const told = execFileSync('go', ['mod', 'download', '-json', module], { cwd: tmpdir(), encoding: 'utf8' })
  return JSON.parse(told).Dir
}

/** One file a kind: its group, and for each version whether it is served, and its strict schema. */
function write(folder, { spec }) {
  const { group, names } = spec
  const versions = spec.versions
    .filter(({ name }) => name !== 'v1alpha1')
    .map(({ name, served, schema }) => [name, { served, schema: strict(whatWeUse(schema.openAPIV3Schema)) }])
  writeFileSync(
    join(folder, `${names.kind}.json`),
    `${JSON.stringify({ group, kind: names.kind, versions: Object.fromEntries(versions) })}\n`,
  )
}

/** The chart's own values, where ours are, so that a key it has never heard of is found: Helm doesn't mind them. */
function writeValues(folder, chart) {
  const { version } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'))
  const { installCRDs, resources, serviceMonitor, webhook, certController } = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'))
  writeFileSync(
    join(folder, 'values.json'),
    `${JSON.stringify({ version, values: { installCRDs, resources, serviceMonitor, webhook, certController } })}\n`,
  )
}

/** Without the status, and of a store's sixty providers only those of 1Password. */
function whatWeUse({ properties: { status: _, ...properties }, ...schema }) {
  const provider = properties.spec.properties?.provider
  if (provider?.properties?.onepassword) {
    const { onepassword, onepasswordSDK } = provider.properties
    provider.properties = { onepassword, ...(onepasswordSDK && { onepasswordSDK }) }
  }
  return { ...schema, properties }
}

/** JSON Schema that refuses unknown fields, as the API server does when asked to be strict; texts for people are left out. */
function strict(schema) {
  if (Array.isArray(schema)) return schema.map(strict)
  if (typeof schema !== 'object' || schema === null) return schema
  const kept = Object.entries(schema).filter(
    ([key, value]) => !(key === 'description' && typeof value === 'string') && !key.startsWith('x-kubernetes-'),
  )
  const made = Object.fromEntries(kept.map(([key, value]) => [key, key === 'default' || key === 'enum' ? value : strict(value)]))
  const closed =
    schema.type === 'object' && schema.properties && !schema.additionalProperties && !schema['x-kubernetes-preserve-unknown-fields']
  return closed ? { ...made, additionalProperties: false } : made
}
