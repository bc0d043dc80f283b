import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cache } from '../../cluster/go-tool.ts'
import { startProcesses } from '../../cluster/processes.ts'
import { type ModuleName, modules } from './modules.ts'
import { go, sourceOf } from './source.ts'

/** How a program's sources are changed before they are built. */
interface Build {
  package: string
  /** Files that are written anew. */
  files?: Record<string, string>
  /** Variables that the linker sets. */
  variables?: string
  /** Modules that go.mod replaces by a folder which is not part of the module. */
  elsewhere?: string[]
}

/**
 * The operator with the one provider that we use and no generators: the others would pull in the SDKs of all clouds, for ten
 * minutes of building. Nothing else of it is changed.
 */
const onlyOnepassword: Build = {
  package: '.',
  files: {
    'pkg/provider/register/register.go':
      'package register\n\nimport _ "github.com/external-secrets/external-secrets/pkg/provider/onepassword"\n',
    'pkg/generator/register/register.go': 'package register\n',
  },
}
const controller = (name: string): Build => ({ package: '.', elsewhere: [`github.com/fluxcd/${name}/api`] })

const builds: Record<ModuleName, Build> = {
  'source-controller': controller('source-controller'),
  'kustomize-controller': controller('kustomize-controller'),
  'helm-controller': controller('helm-controller'),
  // It embeds what `flux install` applies, which only exists in a release; all other commands are whole.
  flux: { package: './cmd/flux', files: { 'cmd/flux/manifests/none.yaml': '' }, variables: '-X main.VERSION=2.9.5' },
  'external-secrets-0.20.4': onlyOnepassword,
  'external-secrets-0.16.2': onlyOnepassword,
  'external-secrets-0.11.0': onlyOnepassword,
}

/**
 * The path of an upstream program: built from its module, with the go.mod and go.sum that it was released with, if it isn't
 * in the user's cache folder yet. Throws when Go is missing or the build fails.
 */
export async function program(name: ModuleName): Promise<string> {
  const { version, sum } = modules[name]
  const build = builds[name]
  const key = createHash('sha256')
    .update(JSON.stringify([sum, build]))
    .digest('hex')
    .slice(0, 12)
  const path = join(cache, `${name}-${version}-${key}`)
  if (existsSync(path)) return path
  const { folder: place, stop } = await startProcesses()
  const folder = join(place, name)
  try {
    await cp(await sourceOf(name), folder, { recursive: true })
    await writable(folder)
    for (const [file, text] of Object.entries(build.files ?? {})) {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), text)
    }
    for (const module of build.elsewhere ?? []) await go(['mod', 'edit', `-dropreplace=${module}`], {}, folder)
    await mkdir(cache, { recursive: true })
    const unfinished = `${path}.${process.pid}`
    const flags = ['-trimpath', '-ldflags', ['-s -w', build.variables].join(' '), '-o', unfinished]
    // A module that was replaced has no line in go.sum; -mod=mod adds it, checked against the checksum database.
    await go(['build', ...flags, build.package], { GOWORK: 'off', GOFLAGS: '-mod=mod -buildvcs=false' }, folder)
    await rename(unfinished, path)
    return path
  } finally {
    await stop()
  }
}

/** Go's module cache is read-only, and so are copies of it. */
async function writable(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644)
  }
}
