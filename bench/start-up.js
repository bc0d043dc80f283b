// How quickly the command line starts, as ratios to `node -e 0` of the same Node in the same series: absolute times
// drift from machine to machine and minute to minute. Runs are interleaved; the median and the spread are shown.
// The budgets were set on Node 20 with NODE_EXTRA_CA_CERTS, where Node itself takes 60 ms; where it takes 22, without it or
// on a newer Node, the same work is a larger multiple. What is loaded for `--version` is limited in test/slow/package.test.ts.
//   npm run bench              this Node
//   npm run bench -- 22 24     these Nodes too, from the npm package `node`
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { refusingCluster } from './refusing-cluster.js'

const rounds = 15
const bin = new URL('../bin/eso-bootstrap.js', import.meta.url).pathname
const memory = new URL('./memory.js', import.meta.url).href
const scratch = mkdtempSync(join(tmpdir(), 'eso-bootstrap-bench-'))
const cluster = await refusingCluster(scratch)

const given = ['--no-input', '--yes', '--git', 'push', '--vault', 'v', '--credentials', 'c', '--token', 't', '--repo', scratch]
const commands = {
  'node -e 0': ['-e', '0'],
  '--version': [bin, '--version'],
  '--help': [bin, '--help'],
  'init --help': [bin, 'init', '--help'],
  'init with nothing given': [bin, 'init', '--no-input'],
  'init, one call to the cluster': [bin, 'init', ...given, '--kubeconfig', cluster.kubeconfig],
}
const budgets = { '--version': 1.5, '--help': 1.5, 'init, one call to the cluster': 4.5 }

try {
  spawnSync('git', ['init', '--quiet', scratch])
  const nodes = [process.execPath, ...process.argv.slice(2).map(install)]
  for (const node of nodes) report(node)
} finally {
  cluster.close()
  rmSync(scratch, { recursive: true, force: true })
}

function report(node) {
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, args] of Object.entries(commands)) {
      const milliseconds = timed(node, args)
      // The first round warms the disk cache.
      if (round > 0) times[name].push(milliseconds)
    }
  }
  const base = times['node -e 0']
  const rows = Object.entries(commands).map(([name, args]) => {
    const ratio = median(times[name]) / median(base)
    const spread = `${Math.min(...times[name]).toFixed(0)}-${Math.max(...times[name]).toFixed(0)} ms`
    const budget = budgets[name]
    const limit = budget === undefined ? '' : `x${budget.toFixed(2)}${ratio > budget ? ' exceeded' : ''}`
    return [name, `x${ratio.toFixed(2)}`, limit, `${median(times[name]).toFixed(0)} ms`, spread, `${peak(node, args)} MB`]
  })
  const title = `Node ${version}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${rounds} runs each`
  process.stdout.write(`\n${title}\n\n| command | ratio | budget | median | spread | peak memory |\n|---|---|---|---|---|---|\n`)
  for (const row of rows) process.stdout.write(`| ${row.join(' | ')} |\n`)
}

function timed(node, args) {
  const started = process.hrtime.bigint()
  spawnSync(node, args, { stdio: 'ignore', env: environment() })
  return Number(process.hrtime.bigint() - started) / 1e6
}

/** Measured in a run of its own, as the measuring costs time. */
function peak(node, args) {
  const { stderr } = spawnSync(node, ['--import', memory, ...args], { encoding: 'utf8', env: environment() })
  return Math.round(Number(stderr.match(/peak (\d+) kB/)?.[1]) / 1024)
}

/** As a person has it: NODE_EXTRA_CA_CERTS, say, costs every Node start the same. */
function environment() {
  const own = Object.entries(process.env).filter(([name]) => !/^(ESO_BOOTSTRAP_|OP_|KUBECONFIG$)/.test(name))
  return { ...Object.fromEntries(own), HOME: scratch }
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** A Node of this major version, into the scratch folder. */
function install(major) {
  const folder = join(scratch, `node-${major}`)
  writeFileSync(join(scratch, 'package.json'), '{}')
  const { status, stderr } = spawnSync('npm', ['install', '--prefix', folder, '--no-save', `node@${major}`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm install node@${major} failed:\n${stderr}`)
  return join(folder, 'node_modules', '.bin', 'node')
}
