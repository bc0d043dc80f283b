import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { environment } from '../../cluster/go-tool.ts'
import { type ModuleName, modules } from './modules.ts'

const exec = promisify(execFile)

/**
 * The folder with the sources of a module, read-only, in Go's own module cache. Their checksum is compared with the one that
 * modules.ts pins, so the public checksum database isn't asked for them. Throws when Go is missing or the module can't be had.
 */
export async function sourceOf(name: ModuleName): Promise<string> {
  const { path, version, sum } = modules[name]
  const { stdout } = await go(['mod', 'download', '-json', `${path}@${version}`], { GONOSUMDB: path, GOWORK: 'off', GOFLAGS: '-mod=mod' })
  const downloaded = JSON.parse(stdout) as { Dir: string; Sum: string }
  if (downloaded.Sum !== sum) throw new Error(`${path}@${version} has the checksum ${downloaded.Sum}, not ${sum}`)
  return downloaded.Dir
}

/** Runs Go, politely: a build takes all cores for minutes. Throws with what it wrote when it fails. */
export async function go(args: string[], env: Record<string, string> = {}, cwd?: string): Promise<{ stdout: string }> {
  try {
    return await exec('nice', ['-n', '15', 'go', ...args], {
      env: { ...environment(), ...env },
      maxBuffer: 64 * 1024 * 1024,
      ...(cwd === undefined ? {} : { cwd }),
    })
  } catch (error) {
    throw new Error(`go ${args.join(' ')} failed:\n${(error as { stderr?: string }).stderr ?? error}`)
  }
}
