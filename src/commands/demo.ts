import { posix } from 'node:path'
import { Failure } from '../failure.ts'
import { scaffold } from '../manifests/scaffold.ts'
import { chooseVersions } from '../manifests/versions.ts'
import type { RawOptions } from '../raw-options.ts'
import { requestLine } from '../sandbox/api/requests.ts'
import { clusterFolder, type Sandbox, startSandbox } from '../sandbox/sandbox.ts'
import { scenarios } from '../sandbox/scenarios.ts'
import { defaultPath } from '../steps/planned-folder.ts'
import { templatesFolder } from '../templates.ts'
import { exitCodeOf, renderError } from '../terminal/errors.ts'
import { interruptible } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { type Style, styleOf } from '../terminal/style.ts'
import { init } from './init.ts'
import { rotate } from './rotate.ts'

/** The whole set-up against an embedded cluster, git remote and 1Password account. Gives the exit code. */
export async function demo(raw: RawOptions, io: Io): Promise<number> {
  const style = styleOf(io, io.stdout, raw['no-color'] === true)
  if (raw['list-scenarios'] === true) {
    io.stdout.write(
      Object.keys(scenarios)
        .map((name) => `${name}\n`)
        .join(''),
    )
    return 0
  }
  const interrupt = interruptible(io)
  let sandbox: Sandbox | undefined
  try {
    const scenario = typeof raw.scenario === 'string' ? known(raw.scenario) : 'healthy'
    const isServing = raw.serve === true
    sandbox = await startSandbox({
      scenario,
      files: await templateTree(),
      delay: isServing ? 0 : 150,
      env: io.env,
      ...(isServing && raw.verbose === true && { onAnswer: (record) => io.stderr.write(`${requestLine(record)}\n`) }),
    })
    interrupt.signal.throwIfAborted()
    return isServing ? await serve(sandbox, io, interrupt.signal) : await tell(sandbox, raw, io, style)
  } catch (error) {
    if (interrupt.signal.aborted) return exitCodeOf(interrupt.signal.reason)
    io.stderr.write(renderError(error, styleOf(io, io.stderr, raw['no-color'] === true), raw.verbose === true))
    return exitCodeOf(error)
  } finally {
    interrupt.stop()
    await sandbox?.close()
  }
}

function known(name: string): string {
  if (Object.hasOwn(scenarios, name)) return name
  throw new Failure({
    id: 'scenario-unknown',
    exit: 'usage',
    what: 'There is no scenario of that name.',
    fix: 'eso-bootstrap demo --list-scenarios',
  })
}

/** The repository before anybody has worked on it: what `init --scaffold` writes, with Connect and the stores commented out. */
async function templateTree(): Promise<Record<string, string>> {
  const files = await scaffold(
    {
      path: defaultPath,
      clusterPath: clusterFolder,
      namespace: 'external-secrets',
      versions: chooseVersions({}),
      source: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' },
    },
    templatesFolder,
  )
  return Object.fromEntries(files.map(({ path, text }) => [posix.normalize(path), text]))
}

/** What `init` and other tools need to meet this sandbox. */
function environment(sandbox: Sandbox): Record<string, string> {
  return {
    KUBECONFIG: sandbox.kubeconfigPath,
    ESO_BOOTSTRAP_REPO: sandbox.repository,
    ESO_BOOTSTRAP_CREDENTIALS: sandbox.credentialsPath,
    ESO_BOOTSTRAP_TOKEN: sandbox.tokenPath,
    ESO_BOOTSTRAP_VAULT: sandbox.vault,
    DEMO_NEW_TOKEN: sandbox.newTokenPath,
  }
}

async function serve(sandbox: Sandbox, io: Io, signal: AbortSignal): Promise<number> {
  for (const [name, value] of Object.entries(environment(sandbox))) io.stdout.write(`export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
  io.stdout.write('ready\n')
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  return 0
}

async function tell(sandbox: Sandbox, raw: RawOptions, io: Io, { colour }: Style): Promise<number> {
  const { DEMO_NEW_TOKEN: newToken, ...given } = environment(sandbox)
  const { item, field } = { item: sandbox.item.title, field: sandbox.item.field }
  const inside: Io = { ...io, cwd: sandbox.repository, env: { ...io.env, ...given } }
  const say = (text: string) => io.stdout.write(`${text}\n`)
  say('A cluster with nothing but Flux, a git repository and a 1Password account,')
  say('all made up and all on this machine.\n')
  const manners: RawOptions = {
    'no-input': true,
    yes: true,
    ...(raw['no-color'] && { 'no-color': true }),
    ...(raw.verbose && { verbose: true }),
  }
  const run = async (shown: string, options: RawOptions, command = init) => {
    say(colour.bold(`$ ${shown}`))
    const code = await command({ ...options, ...manners }, inside)
    say('')
    return code
  }
  const first = await run(`eso-bootstrap init --yes --git push --vault ${sandbox.vault} --verify-item ${item}/${field}`, {
    git: 'push',
    'verify-item': `${item}/${field}`,
  })
  if (first !== 0) return first
  say('Once more: everything is as it should be, so nothing is written.\n')
  const second = await run(`eso-bootstrap init --yes --git push --vault ${sandbox.vault}`, { git: 'push' })
  if (second !== 0) return second
  say('Ninety days later: a new token, proven before the old one goes.\n')
  const third = await run(
    `eso-bootstrap rotate-token --yes --token new-token --verify-item ${item}/${field}`,
    { ...(newToken && { token: newToken }), 'verify-item': `${item}/${field}` },
    (options, at) => rotate('rotate-token', options, at),
  )
  if (third === 0) say('To play with it yourself: eso-bootstrap demo --serve')
  return third
}
