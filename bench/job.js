import { measured } from './bundled.js'
import { median, spread, table, times } from './measure.js'

const bin = new URL('../bin/eso-bootstrap.js', import.meta.url).pathname
const what = { wall: 'Time', cpu: 'CPU time', first: 'To the first output' }

/** An unattended `init` beside the shell flow that it replaces, in front of a real etcd and kube-apiserver. */
export async function job({ rounds }) {
  const { runs, calls, processes } = await measured('./job/main.ts', [bin, String(rounds)])
  const of = (flow, run, kind) => runs.filter((each) => each.flow === flow && each.run === run).map((each) => each.timed[kind])
  const measures = {}
  const rows = ['first', 'again'].flatMap((run) => [
    ...Object.entries(what).map(([kind, name]) => {
      const ratio = median(of('init', run, kind)) / median(of('shell', run, kind))
      if (kind !== 'first') measures[`job ${run}, ${kind}`] = ratio
      const cell = (flow) => `${median(of(flow, run, kind)).toFixed(0)} ms (${spread(of(flow, run, kind))})`
      return [run === 'first' ? 'first run' : 'again', name, cell('init'), cell('shell'), times(ratio)]
    }),
    [
      run === 'first' ? 'first run' : 'again',
      'API calls',
      ...['init', 'shell'].map((flow) => String(calls[`${flow} ${run}`].length)),
      times(calls[`init ${run}`].length / calls[`shell ${run}`].length),
    ],
    [
      run === 'first' ? 'first run' : 'again',
      'Processes',
      ...['init', 'shell'].map((flow) => String(processes[`${flow} ${run}`])),
      times(processes[`init ${run}`] / processes[`shell ${run}`]),
    ],
  ])
  return {
    title: 'The job',
    text: `\`init --yes --git push --no-wait\` beside [the shell flow](../bench/job/shell.ts) that does the same: namespace, two Secrets, vault, entries, commit, push, and Flux asked to reconcile. ${rounds} times each, in turns, on a cluster and a repository that have nothing yet; then again, when there is nothing to do. \`init\` looks at everything before it writes, asks for each permission, and takes a lock.

${table(['Run', 'What', '`init`', 'shell', 'Ratio'], rows)}

Every call of the first run, as the API server wrote it down:

${table(['Calls', 'What'], grouped(calls['init first']))}

And of the second:

${table(['Calls', 'What'], grouped(calls['init again']))}`,
    measures,
  }
}

function grouped(calls) {
  const counts = new Map()
  for (const each of calls) counts.set(each, (counts.get(each) ?? 0) + 1)
  return [...counts].map(([what, count]) => [String(count), `\`${what}\``])
}
