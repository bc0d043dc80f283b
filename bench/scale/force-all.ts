import { connect } from '../../src/kubernetes/client.ts'
import { forceAll } from '../../src/steps/rotation/force-all.ts'
import { survey } from '../../src/steps/rotation/survey.ts'
import { store } from './external-secrets.ts'

/** What a rotation does with `--all`, in a process of its own: what is measured. */
const [kubeconfig = ''] = process.argv.slice(2)
const cluster = await connect({ kubeconfig, env: {}, home: '/', timeout: 60_000 })
const resource = await cluster.resource('external-secrets.io', 'ExternalSecret')
const { signal } = new AbortController()
const found = await survey(cluster, [store], signal)
if (resource === undefined || found === undefined) throw new Error('there is no kind ExternalSecret')
const forced = await forceAll(cluster, resource, { stores: [store], except: [], total: found.forceable, tell: () => {}, signal })
cluster.close()
process.stdout.write(`${JSON.stringify(forced)}\n`)
