import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openClusterStage } from '../../test/cluster/stage.ts'
import { base, templates } from '../../test/commands/init/trees.ts'
import { auditIn } from './audit.ts'
import { shellFlow } from './shell.ts'
import { type Timed, timed } from './timed.ts'

const exec = promisify(execFile)
const [program = '', count = '7'] = process.argv.slice(2)
const rounds = Number(count)
const scratch = await mkdtemp(join(tmpdir(), 'eso-bootstrap-job-'))
const audit = await auditIn(scratch)
const opened = await openClusterStage(['operator 0.20.4', 'Flux 2.9'], { files: await templates() }, audit.flags)
try {
  process.stdout.write(JSON.stringify(await compare()))
} finally {
  await opened.close()
  await rm(scratch, { recursive: true, force: true })
}
process.exit()

/** Both, in turns, each on a cluster and a repository that have nothing, and once more when all is there. */
async function compare() {
  const { stage, client, plane, settled } = opened
  const { sandbox } = stage
  const kubeconfig = join(scratch, 'kubeconfig')
  await writeFile(kubeconfig, await plane.asUser('bench', ['system:masters']), { mode: 0o600 })
  const script = join(scratch, 'flow.sh')
  await writeFile(script, shellFlow)
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: scratch,
    KUBECONFIG: kubeconfig,
    GIT_CONFIG_NOSYSTEM: '1',
    ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com' },
    ...{ CREDENTIALS: sandbox.credentialsPath, TOKEN: sandbox.tokenPath, VAULT: sandbox.vault, REPO: sandbox.repository, FOLDER: base },
  }
  const init = [process.execPath, program, 'init', '--yes', '--no-wait', '--git', 'push', '--context', 'test', '--repo', sandbox.repository]
  const flows = {
    init: [...init, '--vault', sandbox.vault, '--credentials', sandbox.credentialsPath, '--token', sandbox.tokenPath],
    shell: ['bash', script],
  }
  const first = (await stage.git('rev-parse', 'HEAD')).trim()

  async function reset(): Promise<void> {
    for (const name of ['onepassword-connect-secret', 'onepassword-connect-token'])
      await client.send('DELETE', `/api/v1/namespaces/external-secrets/secrets/${name}`)
    await stage.git('reset', '--quiet', '--hard', first)
    await stage.git('push', '--quiet', '--force', 'origin', 'HEAD:main')
    for (const [kind, name] of [
      ['gitrepositories', 'flux-system'],
      ['kustomizations', 'external-secrets'],
    ] as const) {
      const group = kind === 'gitrepositories' ? 'source' : 'kustomize'
      const at = `/apis/${group}.toolkit.fluxcd.io/v1/namespaces/flux-system/${kind}/${name}`
      await client.merge(at, { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': `reset ${performance.now()}` } } })
    }
    await settled()
  }

  const runs: { flow: keyof typeof flows; run: 'first' | 'again'; timed: Timed }[] = []
  const calls: Record<string, string[]> = {}
  for (let round = 0; round <= rounds; round++) {
    for (const flow of round % 2 === 0 ? (['init', 'shell'] as const) : (['shell', 'init'] as const)) {
      await reset()
      for (const run of ['first', 'again'] as const) {
        await audit.calls('bench')
        const measured = await timed(flows[flow], env)
        // The first round warms caches.
        if (round > 0) runs.push({ flow, run, timed: measured })
        calls[`${flow} ${run}`] = await audit.calls('bench')
        await settled()
      }
    }
  }
  const processes: Record<string, number> = {}
  for (const flow of ['init', 'shell'] as const) {
    await reset()
    for (const run of ['first', 'again'] as const) processes[`${flow} ${run}`] = await started(flows[flow], env)
  }
  return { runs, calls, processes }
}

/** How many programs are started, counted by the kernel. */
async function started(command: readonly string[], env: Record<string, string>): Promise<number> {
  const trace = join(scratch, 'trace')
  await exec('strace', ['-f', '-qq', '-e', 'trace=execve', '-o', trace, ...command], { env })
  await opened.settled()
  return (await readFile(trace, 'utf8')).split('\n').filter((line) => line.includes('execve(') && / = 0$/.test(line)).length
}
