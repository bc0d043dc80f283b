import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import { environment } from './go-tool.ts'

const exec = promisify(execFile)

/** Modules at a version, with the checksum of their contents that go.sum would hold: what is read has to be what was reviewed. */
const modules = {
  // What Flux consists of: manifests/bases of github.com/fluxcd/flux2. 2.7 is the oldest minor that the Go proxy has whole.
  'Flux 2.7': {
    'github.com/fluxcd/source-controller@v1.7.0': 'h1:/fBgS4CSmT5Jj/fjQDF92y+pC3gst1GJjgNSzY8Ff9I=',
    'github.com/fluxcd/kustomize-controller@v1.7.3': 'h1:SzNnGn/4ObAPEHHleM5U7y/AKxKXph3Vj6ZhteeXw8M=',
    'github.com/fluxcd/helm-controller@v1.4.0': 'h1:rkm8rmB6Na7eNc4pJOnvtXEaJ19iKluRtayHKjBxcUM=',
  },
  'Flux 2.9': {
    'github.com/fluxcd/source-controller@v1.9.5': 'h1:MFPyCodUi9hZIMaKDsC/rYbNoyzpvrAdrPVixj7W9F0=',
    'github.com/fluxcd/kustomize-controller@v1.9.5': 'h1:/XY2zy3K7fntyppEXIHG7oRMzmfgIt50eJzUfaPX1Kc=',
    'github.com/fluxcd/helm-controller@v1.6.4': 'h1:u/Ew7LehrwDQaE/NqWdaB3XnNDCxRGDcp1FZl7RKj4g=',
  },
  // From 2.0 on there is no Go module to take them from.
  'operator 0.11.0': { 'github.com/external-secrets/external-secrets@v0.11.0': 'h1:1CjM69O2yrZkS/Lh79gM70ST195fefsE463zO+LWqPo=' },
  'operator 0.16.2': { 'github.com/external-secrets/external-secrets@v0.16.2': 'h1:iNY+gIgSyL5higXTfnz+hdPCaiB/43UiHLqE7HBpj68=' },
  'operator 0.20.4': { 'github.com/external-secrets/external-secrets@v0.20.4': 'h1:HhNAjWfFEshhItphr28SGsHzf2bUP7uDAOVLg76uNAg=' },
}
export type Release = keyof typeof modules

/** The CRDs that a release installs; of External Secrets Operator those that we use. */
export async function crdsOf(release: Release): Promise<KubernetesObject[]> {
  const all = await Promise.all(Object.entries<string>(modules[release]).map(([module, sum]) => crdsIn(module, sum)))
  // ESO's others convert between versions by the operator's webhook, which nobody answers here.
  return all
    .flat()
    .filter((crd) => !crd['spec'].group.startsWith('generators.'))
    .map(withoutConversion)
}

function withoutConversion(crd: KubernetesObject): KubernetesObject {
  const { conversion: _, ...spec } = crd['spec']
  return { ...crd, spec }
}

async function crdsIn(module: string, sum: string): Promise<KubernetesObject[]> {
  // Our checksum stands for that of the public database, which doesn't have all of them.
  const env = { ...environment(), GONOSUMDB: '*' }
  const { stdout } = await exec('go', ['mod', 'download', '-json', module], { cwd: tmpdir(), env })
  const { Dir: folder, Sum: found } = JSON.parse(stdout)
  if (found !== sum) throw new Error(`${module} has the checksum ${found}, not ${sum}`)
  const bases = join(folder, module.includes('/external-secrets/') ? 'config/crds/bases' : 'config/crd/bases')
  const texts = await Promise.all((await readdir(bases)).map((name) => readFile(join(bases, name), 'utf8')))
  const objects = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject))
  return objects.filter(({ kind }) => kind === 'CustomResourceDefinition')
}
