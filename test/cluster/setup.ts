import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { binary, wantedMinor } from './binaries.ts'
import { findGo } from './go-tool.ts'
import { startProcesses } from './processes.ts'

const exec = promisify(execFile)

/**
 * Builds what isn't there yet, before any test waits for it, and says what the tests run against. All temporary folders of the
 * tests are below one that goes even when the run is killed.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const minor = wantedMinor()
  if (!(await findGo())) {
    process.stderr.write(missing)
    process.exit(process.env['CI'] ? 1 : 0)
  }
  const began = Date.now()
  const etcd = await binary('etcd', minor)
  const apiServer = await binary('kube-apiserver', minor)
  const versions = await Promise.all([exec(apiServer, ['--version']), exec(etcd, ['--version'])])
  const [kubernetes, storage] = versions.map(({ stdout }) => /v?\d+\.\d+\.\d+\S*/.exec(stdout)?.[0])
  process.stdout.write(`Kubernetes ${kubernetes}, etcd ${storage}, ready in ${Math.round((Date.now() - began) / 1000)} s\n`)
  const { folder, stop } = await startProcesses()
  process.env['TMPDIR'] = folder
  return stop
}

const missing = `The cluster suite needs Go, and there is none. Install it: https://go.dev/dl/ (1.26 or newer).
Go builds etcd and kube-apiserver, once, unless KUBEBUILDER_ASSETS names a folder that holds them
(https://book.kubebuilder.io/reference/envtest), and reads the CRDs of Flux and External Secrets Operator out of their modules.
`
