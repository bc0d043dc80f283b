import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readFile, rename } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface GoTool {
  /** What the program is called. */
  name: string
  /** The folder of the Go module that lists it: a go.mod with `tool` lines, its go.sum, and no Go code. */
  module: string
  /** The package of its main function. */
  package: string
  /** Variables that the linker sets, by which a program knows its own version. */
  variables?: Record<string, string>
}

const exec = promisify(execFile)
/** Where built programs are kept, for all suites. */
export const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'eso-bootstrap', 'tools')

/** The path of the program, built if this version isn't in the user's cache folder yet. Throws when Go is missing or the build fails. */
export async function goTool(tool: GoTool): Promise<string> {
  const variables = Object.entries(tool.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`)
  const flags = ['-trimpath', '-ldflags', ['-s -w', ...variables].join(' ')]
  const key = await keyOf(tool, flags)
  const path = join(cache, `${tool.name}-${await versionOf(tool)}-${key}`)
  if (await exists(path)) return path
  await mkdir(cache, { recursive: true })
  // Two runs may build the same at the same time: each under a name of its own, and what is there is always whole.
  const unfinished = `${path}.${process.pid}`
  await go(['build', '-C', tool.module, ...flags, '-o', unfinished, tool.package])
  await rename(unfinished, path)
  return path
}

/** The version of the module that holds the package, as go.mod asks for it: the longest path that the package begins with. */
export async function versionOf({ module, package: wanted }: Pick<GoTool, 'module' | 'package'>): Promise<string> {
  const text = await readFile(join(module, 'go.mod'), 'utf8')
  const required = [...text.matchAll(/^(?:require)?\s+(\S+) (v\S+)(?: \/\/ indirect)?$/gm)]
    .map(([, path = '', version = '']) => ({ path, version }))
    .filter(({ path }) => wanted === path || wanted.startsWith(`${path}/`))
    .sort((a, b) => b.path.length - a.path.length)
  if (!required[0]) throw new Error(`${module}/go.mod requires no module that holds ${wanted}`)
  return required[0].version
}

async function keyOf({ module, package: wanted }: GoTool, flags: string[]): Promise<string> {
  const hash = createHash('sha256').update([wanted, ...flags].join('\n'))
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(module, file)))
  return hash.digest('hex').slice(0, 12)
}

/** Politely: a build takes all cores for minutes. */
async function go(args: string[]): Promise<void> {
  try {
    await exec('nice', ['-n', '15', 'go', ...args], { env: environment(), maxBuffer: 64 * 1024 * 1024 })
  } catch (error) {
    throw new Error(`go ${args.join(' ')} failed:\n${(error as { stderr?: string }).stderr}`)
  }
}

/** The version of Go that would be used; undefined where there is none. */
export async function findGo(): Promise<string | undefined> {
  return exec('go', ['env', 'GOVERSION'], { env: environment() }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )
}

/** /usr/local/go/bin is where Go is installed by hand, and not in everybody's PATH. */
export function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH']}:/usr/local/go/bin`, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
