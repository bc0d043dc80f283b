import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { binary, wantedMinor } from './binaries.ts'
import { findGo } from './go-tool.ts'

const exec = promisify(execFile)

/** Builds what isn't there yet, before any test waits for it, and says what the tests run against. */
export default async function setup(): Promise<void> {
  const minor = wantedMinor()
  if (!process.env['KUBEBUILDER_ASSETS'] && !(await findGo())) {
    process.stderr.write(missing)
    process.exit(process.env['CI'] ? 1 : 0)
  }
  const began = Date.now()
  const etcd = await binary('etcd', minor)
  const apiServer = await binary('kube-apiserver', minor)
  const [etcdVersion, version] = await Promise.all([exec(etcd, ['--version']), exec(apiServer, ['--version'])])
  process.stdout.write(
    `${version.stdout.trim()}, ${etcdVersion.stdout.split('\n')[0]}, ready in ${Math.round((Date.now() - began) / 1000)} s\n`,
  )
}

const missing = `The cluster suite runs against a real etcd and kube-apiserver, and there are none:
Go is not installed, which would build them (https://go.dev/dl/, 1.26 or newer), and KUBEBUILDER_ASSETS names no folder that holds them:

  go install sigs.k8s.io/controller-runtime/tools/setup-envtest@latest   (on a machine with Go)
  export KUBEBUILDER_ASSETS=$(setup-envtest use --print path)

`
