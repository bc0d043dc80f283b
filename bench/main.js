// Measures everything beside what people would use instead, and writes docs/benchmarks.md. All as ratios within one run.
// Needs Go or KUBEBUILDER_ASSETS as the cluster suite does, kubectl, strace and the npm registry. Takes less than fifteen minutes.
//   npm run bench                       all of it
//   npm run bench -- --only job,trees   some of it; writes nothing
//   npm run bench -- --check            smaller and without delivery, for CI; writes nothing, and fails where a budget is exceeded

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { budgets, room } from './budgets.js'
import { delivery } from './delivery.js'
import { job } from './job.js'
import { looks } from './looks.js'
import { table } from './measure.js'
import { run } from './others.js'
import { scale } from './scale.js'
import { startUp } from './start-up.js'
import { trees } from './trees.js'

const isCheck = process.argv.includes('--check')
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1].split(',') : undefined
const scratch = mkdtempSync(join(tmpdir(), 'eso-bootstrap-bench-'))
const nodes = () => [process.execPath, ...['22', '24', '26'].map(install)]

const sections = {
  'start-up': () => startUp({ scratch, rounds: isCheck ? 7 : 15, nodes: isCheck ? [process.execPath] : nodes() }),
  job: () => job({ rounds: isCheck ? 3 : 7 }),
  looks: () => looks({ rounds: isCheck ? 3 : 7 }),
  trees: () => trees({ scratch, sizes: isCheck ? [100, 1_000] : [100, 1_000, 5_000, 20_000], rounds: isCheck ? 1 : 3 }),
  scale: () => scale({ sizes: isCheck ? [10, 100, 1_000] : [10, 100, 1_000, 10_000] }),
  // How fast the registry answers is in it: measured, and not judged. What is delivered, test/slow/package.test.ts judges.
  ...(!isCheck && { delivery: () => delivery({ scratch, rounds: 5 }) }),
}

const began = performance.now()
try {
  const done = []
  for (const [name, section] of Object.entries(sections)) {
    if (only !== undefined && !only.includes(name)) continue
    const { title, text, measures } = await section()
    done.push({ title, text, measures })
    process.stdout.write(`\n## ${title}\n\n${text}\n`)
  }
  const measures = Object.assign({}, ...done.map((each) => each.measures))
  const goals = goalsOf(measures)
  process.stdout.write(`\n## Goals\n\n${goals}\n`)
  if (!isCheck && only === undefined) writeFileSync('docs/benchmarks.md', page(done, goals))
  if (isCheck) judge(measures)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function goalsOf(measures) {
  const rows = Object.entries(budgets).flatMap(([name, budget]) =>
    measures[name] === undefined
      ? []
      : [[name, `x${budget}`, `x${measures[name].toFixed(2)}`, measures[name] <= budget ? 'held' : '**not held**']],
  )
  return table(['Ratio', 'Goal', 'Measured', ''], rows)
}

/** Both numbers are told of what exceeds its budget by more than a busy machine explains. */
function judge(measures) {
  for (const [name, budget] of Object.entries(budgets)) {
    if (measures[name] === undefined || measures[name] <= budget * room) continue
    process.stderr.write(`✖ ${name}: x${measures[name].toFixed(2)}, and its budget is x${budget} (room x${room})\n`)
    process.exitCode = 1
  }
}

function page(done, goals) {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`
  const kubectl = JSON.parse(run('kubectl', ['version', '--client', '-o', 'json'])).clientVersion.gitVersion
  const git = spawnSync('git', ['--version'], { encoding: 'utf8' }).stdout.trim()
  return `<!-- Written by npm run bench: run it again instead of editing. -->

# Benchmarks

${new Date().toISOString().slice(0, 10)}, ${machine}; Node ${process.version}, kubectl ${kubectl}, ${git}. It took ${Math.round((performance.now() - began) / 60_000)} minutes. Ratios are within one run, of
medians; absolute times are of this machine. What was tried to get there: [performance](explanation/performance.md).

## Goals

${goals}

${done.map(({ title, text }) => `## ${title}\n\n${text}`).join('\n\n')}
`
}

/** A Node of this major version, into the scratch folder. */
function install(major) {
  const folder = join(scratch, `node-${major}`)
  run('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `node@${major}`])
  return join(folder, 'node_modules', 'node', 'bin', 'node')
}
