import { writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../../src/kubernetes/client.ts'
import { clientOf } from '../../test/cluster/client.ts'
import { startControlPlane } from '../../test/cluster/control-plane.ts'
import { crdsOf } from '../../test/cluster/crds.ts'
import { makeBridge, newToken, validateStore } from './bridge.ts'
import { populate } from './external-secrets.ts'
import { type Measured, measure } from './measure.ts'
import { startOperator } from './operator.ts'

const [program = '', ...given] = process.argv.slice(2)
const sizes = (given.length > 0 ? given : ['100', '10000']).map(Number)
const stop = new AbortController()
const plane = await startControlPlane()
try {
  await report()
} finally {
  stop.abort()
  await plane.stop()
}
process.exit()

async function report(): Promise<void> {
  const client = clientOf(plane)
  const kubeconfig = join(plane.processes.folder, 'bench.kubeconfig')
  await writeFile(kubeconfig, plane.kubeconfig, { mode: 0o600 })
  for (const crd of await crdsOf('operator 0.20.4')) {
    if (/^(externalsecrets|clustersecretstores|secretstores)\./.test(crd.metadata.name))
      await client.apply(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`, crd, 'bench')
  }
  const cluster = await connect({ kubeconfig, env: {}, home: homedir(), timeout: 60_000 })
  const kinds = ['ExternalSecret', 'ClusterSecretStore', 'SecretStore']
  const served = async () => (await Promise.all(kinds.map((kind) => cluster.resource('external-secrets.io', kind)))).every(Boolean)
  await plane.processes.ready('kube-apiserver', served)
  const operator = await startOperator(cluster, client, stop.signal)
  await makeBridge(client)
  const validating = validateStore(cluster, client, stop.signal)

  const runs: { size: number; name: string; measured: Measured }[] = []
  let there = 0
  for (const size of sizes) {
    await populate(client, there, size)
    await operator.synced('', () => true, size)
    there = size
    const value = String(Date.now())
    const annotate = ['annotate', 'externalsecrets', '-A', '--all', '--overwrite', `x=${value}`, '--kubeconfig', kubeconfig]
    const token = await newToken(plane.processes.folder)
    const rotate = ['rotate-token', '--yes', '--all', '--take-ownership', '--token', token, '--kubeconfig', kubeconfig]
    const commands = {
      // An event of the same second as the one before it is told apart by nothing here: the real operator counts it.
      'rotate-token --all': () => sleep(1_100).then(() => measure(process.execPath, [program, ...rotate], async () => {})),
      'kubectl annotate, and wait': () => measure('kubectl', annotate, () => operator.synced('x', (text) => text === value, size)),
      status: () => measure(process.execPath, [program, 'status', '--kubeconfig', kubeconfig], async () => {}, [0, 3]),
      doctor: () => measure(process.execPath, [program, 'doctor', '--kubeconfig', kubeconfig], async () => {}, [0, 3]),
      'kubectl get externalsecrets': () => measure('kubectl', ['get', 'externalsecrets', '-A', '--kubeconfig', kubeconfig], async () => {}),
    }
    for (const [name, run] of Object.entries(commands)) runs.push({ size, name, measured: await Promise.race([run(), failed(validating)]) })
  }
  cluster.close()
  client.close()
  process.stdout.write(JSON.stringify(runs))
}

async function failed(work: Promise<void>): Promise<never> {
  await work
  throw new Error('the stores are not validated any more')
}
