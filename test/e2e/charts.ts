import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse, stringify } from 'yaml'
import type { KeyPair } from '../cluster/certificates.ts'
import { type OperatorVersion, operatorVersions } from './upstream/modules.ts'
import { sourceOf } from './upstream/source.ts'

const exec = promisify(execFile)

export interface ChartRepository {
  port: number
  close(): Promise<void>
}

/** Serves the operator's own charts over HTTPS, as charts.external-secrets.io does; they are put together in this folder. */
export async function serveCharts(folder: string, certificate: KeyPair): Promise<ChartRepository> {
  await mkdir(folder)
  const charts = await Promise.all(operatorVersions.map((version) => packageChart(version, folder)))
  const entries = charts.map(({ meta, file }) => ({ ...meta, urls: [file], created: '2026-01-01T00:00:00Z' }))
  const index = Buffer.from(stringify({ apiVersion: 'v1', entries: { 'external-secrets': entries } }))
  const files = new Map([['/index.yaml', index]])
  for (const { file } of charts) files.set(`/${file}`, await readFile(join(folder, file)))
  const server = createServer(certificate, (request, response) => {
    const body = files.get(request.url ?? '')
    response.writeHead(body ? 200 : 404).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/**
 * The chart as a release has it: the one in the module still bears the version before, and holds no CRDs. The dependency, a
 * server for another provider that nobody enables, is left out, because it is in no module.
 */
async function packageChart(version: OperatorVersion, folder: string): Promise<{ meta: object; file: string }> {
  const source = await sourceOf(`external-secrets-${version}`)
  const root = join(folder, version)
  const chart = join(root, 'external-secrets')
  await mkdir(root)
  await exec('cp', ['-r', join(source, 'deploy/charts/external-secrets'), chart])
  await exec('chmod', ['-R', 'u+w', chart])
  const { dependencies: _, ...meta } = parse(await readFile(join(chart, 'Chart.yaml'), 'utf8'))
  Object.assign(meta, { version, appVersion: `v${version}` })
  await writeFile(join(chart, 'Chart.yaml'), stringify(meta))
  await rm(join(chart, 'Chart.lock'), { force: true })
  await rm(join(chart, 'tests'), { recursive: true, force: true })
  const crds = join(chart, 'templates/crds')
  await rm(crds, { recursive: true, force: true })
  await mkdir(crds, { recursive: true })
  const bundle = await readFile(join(source, 'deploy/crds/bundle.yaml'), 'utf8')
  for (const crd of bundle.split(/^---\n/m).filter((each) => each.includes('kind: CustomResourceDefinition'))) {
    const [, name] = /^ {4}singular: (.+)$/m.exec(crd) ?? []
    await writeFile(join(crds, `${name}.yaml`), template(crd))
  }
  const file = `external-secrets-${version}.tgz`
  await exec('tar', ['-czf', join(folder, file), '-C', root, 'external-secrets'])
  return { meta, file }
}

/** What hack/helm.generate.sh in the operator's repository makes of a CRD: a condition around it, and names of the release in it. */
function template(crd: string): string {
  const [, kind = ''] = /^ {4}kind: (.+)$/m.exec(crd) ?? []
  const own = /^Cluster|PushSecret/.test(kind) ? ` (.Values.crds.create${kind})` : ''
  const text = crd
    .replaceAll('name: kubernetes\n', 'name: {{ include "external-secrets.fullname" . }}-webhook\n')
    .replaceAll('namespace: default\n', 'namespace: {{ .Release.Namespace | quote }}\n')
  return `{{- if and (.Values.installCRDs)${own} }}\n${text}{{- end }}\n`
}
