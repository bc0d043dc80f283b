import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { median, peakOf, spread, table, timed, times } from './measure.js'
import { installed } from './others.js'
import { refusingCluster } from './refusing-cluster.js'

const bin = new URL('../bin/eso-bootstrap.js', import.meta.url).pathname

/**
 * How quickly the command line starts, as ratios to `node -e 0` of the same Node in the same series. Runs are interleaved. What is
 * loaded for `--version` is limited in test/slow/package.test.ts.
 */
export async function startUp({ scratch, rounds, nodes }) {
  const cluster = await refusingCluster(scratch)
  spawnSync('git', ['init', '--quiet', scratch])
  try {
    const given = ['--no-input', '--yes', '--git', 'push', '--vault', 'v', '--credentials', 'c', '--token', 't', '--repo', scratch]
    const own = {
      'node -e 0': ['-e', '0'],
      '--version': [bin, '--version'],
      '--help': [bin, '--help'],
      'unknown command': [bin, 'nonsense'],
      'completion bash': [bin, 'completion', 'bash'],
      'one call to the cluster': [bin, 'init', ...given, '--kubeconfig', cluster.kubeconfig],
    }
    const others = await installed(scratch)
    const sections = []
    const measures = {}
    for (const [at, node] of nodes.entries()) {
      const rows = { ...own, ...(at === 0 ? others.commands : {}) }
      const programs = at === 0 ? { 'kubectl version --client': ['kubectl', 'version', '--client'] } : {}
      const { text, ratios } = await series({ node, rows, programs, rounds, scratch })
      sections.push(text)
      if (at === 0) for (const name of Object.keys(own)) if (name !== 'node -e 0') measures[`start-up ${name}`] = ratios[name]
    }
    return {
      title: 'Start-up',
      text: `Beside \`node -e 0\` of the same Node; ${rounds} runs of each, in turns. "One call to the cluster" is an unattended \`init\` that is refused by the API server.\n\n${sections.join('\n\n')}`,
      measures,
    }
  } finally {
    cluster.close()
  }
}

async function series({ node, rows, programs, rounds, scratch }) {
  const env = environment(scratch)
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
  const commands = { ...Object.fromEntries(Object.entries(rows).map(([name, args]) => [name, [node, ...args]])), ...programs }
  const taken = Object.fromEntries(Object.keys(commands).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, [command, ...args]] of Object.entries(commands)) {
      const milliseconds = timed(command, args, { env })
      // The first round warms the disk cache.
      if (round > 0) taken[name].push(milliseconds)
    }
  }
  const base = median(taken['node -e 0'])
  const ratios = Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, median(values) / base]))
  const lines = []
  for (const [name, [command, ...args]] of Object.entries(commands)) {
    const peak = command === node ? `${await peakOf(command, args, { env })} MB` : ''
    lines.push([code(name), times(ratios[name]), `${median(taken[name]).toFixed(0)} ms`, spread(taken[name]), peak])
  }
  return { text: `### Node ${version}\n\n${table(['Command', 'Ratio', 'Median', 'Spread', 'Peak memory'], lines)}`, ratios }
}

/** Without NODE_EXTRA_CA_CERTS, which some machines have: reading it takes longer than Node's own start, and would flatter all ratios. */
function environment(home) {
  const own = Object.entries(process.env).filter(([name]) => !/^(ESO_BOOTSTRAP_|OP_|KUBECONFIG$|NODE_EXTRA_CA_CERTS$)/.test(name))
  return { ...Object.fromEntries(own), HOME: home, npm_config_cache: join(home, 'npm') }
}

function code(text) {
  return `\`${text}\``
}
