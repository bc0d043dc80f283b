import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { median, peakOf, spread, table, timed, times } from './measure.js'
import { run } from './others.js'
import { grow } from './trees/grow.js'

const bin = new URL('../bin/eso-bootstrap.js', import.meta.url).pathname

/** Finding and patching in a working tree that grows. */
export async function trees({ scratch, sizes, rounds }) {
  const root = join(scratch, 'tree')
  mkdirSync(root)
  const env = { PATH: process.env.PATH, HOME: scratch, GIT_CONFIG_NOSYSTEM: '1' }
  run('git', ['init', '--quiet', '--initial-branch=main', root])
  const init = [bin, 'init', '--offline', '--yes', '--git', 'none', '--repo', root]
  run(process.execPath, [...init, '--scaffold', '--cluster-path', 'clusters/a', '--vault', 'homelab'], { env })
  const commands = {
    'init --offline': [process.execPath, ...init, '--dry-run', '--vault', 'another'],
    'doctor --offline': [process.execPath, bin, 'doctor', '--offline', '--repo', root],
    'grep -r': ['grep', '-rlE', 'kind: (Cluster)?SecretStore$', root],
  }
  const rows = []
  const measures = {}
  const first = {}
  let there = 0
  for (const size of sizes) {
    grow(root, there, size)
    there = size
    for (const [name, [command, ...args]] of Object.entries(commands)) {
      const taken = Array.from({ length: rounds + 1 }, () => timed(command, args, { env })).slice(1)
      const peak = command === process.execPath ? await peakOf(command, args, { env }) : undefined
      first[name] ??= { time: median(taken), peak, size }
      const grown = median(taken) / first[name].time / (size / first[name].size)
      measures[`trees ${name}, time`] = grown
      rows.push([
        size.toLocaleString('en-US'),
        `\`${name}\``,
        `${(median(taken) / 1000).toFixed(2)} s`,
        spread(taken),
        times(grown),
        peak === undefined ? '' : `${peak} MB`,
        peak === undefined ? '' : times(peak / first[name].peak),
      ])
    }
  }
  delete measures['trees grep -r, time']
  return {
    title: 'Working trees',
    text: `A repository of so many YAML files, ten for each application; ${rounds} times each. The ratio of times is to what it would be if it grew as the files do.\n\n${table(['Files', 'Command', 'Time', 'Spread', 'To linear', 'Peak memory', `To ${sizes[0]}`], rows)}`,
    measures,
  }
}
