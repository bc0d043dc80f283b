import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { otherNode } from './other-node.ts'
import { bare } from './served.ts'

const exec = promisify(execFile)
const { version } = manifest
const root = new URL('../..', import.meta.url).pathname
const { packed, tarball, program } = { packed: inject('packed'), tarball: inject('tarball'), program: inject('program') }
const top = join(dirname(program), '..')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eso-bootstrap-package-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function emptyFolder(name: string): Promise<string> {
  const path = join(folder, name)
  await mkdir(path)
  return path
}

/** Runs a command in an empty folder, with an empty home and an empty TMPDIR, none of which may gain anything. */
async function clean(name: string, command: string, args: readonly string[], more: Record<string, string> = {}) {
  const [cwd, home, temporary] = await Promise.all(['cwd', 'home', 'tmp'].map((each) => emptyFolder(`${name}-${each}`)))
  const ended = await exec(command, args, { cwd: cwd as string, env: bare(home as string, { TMPDIR: temporary as string, ...more }) })
  const left = await Promise.all([cwd, home, temporary].map((each) => readdir(each as string)))
  expect(left).toEqual([[], [], []])
  return ended
}

describe('the tarball', () => {
  it('is under 0.8 MB', () => {
    expect(packed.size).toBeLessThan(800_000)
  })

  it('holds the program, the templates and the licences, and nothing else', async () => {
    const { stdout } = await exec('git', ['ls-files', 'templates'], { cwd: root })
    const paths = packed.files.map(({ path }) => path)
    const chunks = paths.filter((path) => /^dist\/[a-z0-9-]+\.js$/.test(path))
    const known = ['LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.txt', 'bin/eso-bootstrap.js', 'package.json', ...stdout.trim().split('\n')]
    expect(chunks).toContain('dist/cli.js')
    expect(paths.filter((path) => !chunks.includes(path)).sort()).toEqual(known.sort())
  })

  it('depends on nothing, and runs nothing when it is installed', async () => {
    const published = JSON.parse(await readFile(join(top, 'package.json'), 'utf8'))
    const kinds = ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies', 'bundledDependencies']
    expect(kinds.filter((kind) => kind in published)).toEqual([])
    // npm runs `prepare` in a checkout, never for a package that it installs.
    const run = ['preinstall', 'install', 'postinstall', 'preprepare', 'postprepare', 'prepublish']
    expect(run.filter((script) => script in published.scripts)).toEqual([])
    expect(packed.files.map(({ path }) => path)).not.toContain('binding.gyp')
  })

  it('names the packages that the bundle was made of, and their licences permit it', async () => {
    const notices = await readFile(join(top, 'THIRD-PARTY-NOTICES.txt'), 'utf8')
    const titles = [...notices.matchAll(/^-{72}\n\n(\S+)@\d\S* \((.+)\)$/gm)].map(([, name, licence]) => ({ name, licence }))
    const named = ['commander', 'yaml', 'zod', '@kubernetes/client-node', '@inquirer/input', 'execa', 'ora', 'chalk']
    expect(titles.map(({ name }) => name)).toEqual(expect.arrayContaining(named))
    const permitted = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', '0BSD']
    expect(titles.filter(({ licence }) => !permitted.includes(licence ?? ''))).toEqual([])
  })

  it('loads little until it is known what is wanted: the commander, the options, and how to write', async () => {
    const loaded = await staticallyImported('cli.js')
    expect([...loaded.keys()].sort()).toEqual([
      'cli.js',
      'command-table.js',
      'failure.js',
      'io.js',
      'options.js',
      'rolldown-runtime.js',
      'version.js',
    ])
    expect([...loaded.values()].reduce((sum, text) => sum + text.length, 0)).toBeLessThan(150_000)
  })

  it('is the same, byte for byte, when it is built again in another folder', async () => {
    const copy = await emptyFolder('another-folder')
    for (const each of ['src', 'scripts', 'package.json']) await cp(join(root, each), join(copy, each), { recursive: true })
    // Hard links are as good as copies here, and quicker; a symbolic link is not: where it leads would show in the bundle.
    const modules = [join(root, 'node_modules'), join(copy, 'node_modules')]
    await exec('cp', ['-al', ...modules]).catch(() => exec('cp', ['-R', ...modules]))
    await exec(process.execPath, ['scripts/build.js'], { cwd: copy })
    const packedBytes = await built(top)
    expect(packedBytes.map(([path]) => path)).toContain('dist/cli.js')
    expect((await built(copy)).map(([path]) => path)).toEqual(packedBytes.map(([path]) => path))
    const again = new Map(await built(copy))
    // Named, not shown: the files are long.
    expect(packedBytes.filter(([path, text]) => again.get(path) !== text).map(([path]) => path)).toEqual([])
  })
})

/** The chunks that Node reads before the first line of this one runs. */
async function staticallyImported(name: string, found = new Map<string, string>()): Promise<Map<string, string>> {
  if (found.has(name)) return found
  const text = await readFile(join(top, 'dist', name), 'utf8')
  found.set(name, text)
  for (const [, next = ''] of text.matchAll(/^(?:import|export) (?:[^;]* from )?"\.\/([^"]+)";$/gm)) await staticallyImported(next, found)
  return found
}

/** What the build makes. */
async function built(folder: string): Promise<[path: string, text: string][]> {
  const paths = ['THIRD-PARTY-NOTICES.txt', ...(await readdir(join(folder, 'dist'))).sort().map((name) => `dist/${name}`)]
  return Promise.all(paths.map(async (path): Promise<[string, string]> => [path, await readFile(join(folder, path), 'utf8')]))
}

describe('installed into an empty folder', () => {
  let home: string
  let installed: string
  beforeAll(async () => {
    home = await emptyFolder('installed')
    await writeFile(join(home, 'package.json'), '{ "private": true }')
    const cache = await emptyFolder('npm-cache')
    // Offline and with an empty cache: whatever else it wanted could not be had.
    await exec('npm', ['install', '--offline', '--cache', cache, '--no-audit', '--no-fund', tarball], { cwd: home })
    installed = join(home, 'node_modules/.bin/eso-bootstrap')
  })

  it('it is one package', async () => {
    const { stdout } = await exec('npm', ['ls', '--all', '--parseable'], { cwd: home })
    expect(stdout.trim().split('\n').slice(1)).toEqual([join(home, 'node_modules/eso-bootstrap')])
    const names = await readdir(join(home, 'node_modules'))
    expect(names.filter((name) => !name.startsWith('.'))).toEqual(['eso-bootstrap'])
  })

  it('says its version and its help', async () => {
    expect(await clean('version', installed, ['--version'])).toEqual({ stdout: `${version}\n`, stderr: '' })
    const help = await clean('help', installed, ['--help'])
    expect(help.stdout).toMatch(/^Usage: eso-bootstrap /)
    expect(help.stderr).toBe('')
  })

  it('shows the demo', async () => {
    const { stdout } = await clean('demo', installed, ['demo'])
    expect(stdout).toContain('✔ Verified: a value from 1Password arrived in a Kubernetes Secret.')
    expect(stdout).toContain('✔ Nothing to change; configured, not verified.')
  })

  it('runs as npx runs it', async () => {
    const { stdout } = await exec('npm', ['exec', '--offline', '--yes', '--package', tarball, '--', 'eso-bootstrap', '--version'], {
      cwd: await emptyFolder('npx'),
      env: { ...process.env, npm_config_cache: await emptyFolder('npx-cache') },
    })
    expect(stdout).toBe(`${version}\n`)
  })
})

describe('on other versions of Node', () => {
  it.each(['20.19.0', '22.13.0', '24.0.0'])('%s, the oldest of its line: works', async (number) => {
    const node = await otherNode(number)
    expect((await exec(node, ['--version'])).stdout).toBe(`v${number}\n`)
    expect(await clean(`${number}-version`, node, [program, '--version'])).toEqual({ stdout: `${version}\n`, stderr: '' })
    const { stdout, stderr } = await clean(`${number}-demo`, node, [program, 'demo'])
    expect(stdout).toContain('✔ Verified: a value from 1Password arrived in a Kubernetes Secret.')
    expect(stderr).not.toMatch(/warning/i)
  })

  it.each(['16.20.2', '18.20.8'])('%s: says which Node it needs', async (number) => {
    const node = await otherNode(number)
    const says = `eso-bootstrap needs Node 20.19, 22.13, or 24 and newer; this is Node ${number}.\n`
    await expect(clean(`${number}-version`, node, [program, '--version'])).rejects.toMatchObject({ code: 2, stdout: '', stderr: says })
  })
})
