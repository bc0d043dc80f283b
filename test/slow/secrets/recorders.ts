import { access, constants, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Evidence } from './evidence.ts'

export interface Recorders {
  /** For the PATH of the program, before all others. */
  bin: string
  /** What each of its children was called with: the arguments and the environment. */
  records(): Promise<Evidence[]>
}

/**
 * Programs that stand before the real ones and write down what they are given: `git` goes on to the real one, of `flux` and `op`
 * it is told what they do, as scripts. Works on every system.
 */
export async function record(folder: string, scripts: Readonly<Record<'flux' | 'op', string>>): Promise<Recorders> {
  const [bin, records] = [join(folder, 'bin'), join(folder, 'records')]
  await Promise.all([bin, records].map((each) => mkdir(each)))
  const all = { git: `exec '${await find('git')}' "$@"`, ...scripts }
  for (const [name, script] of Object.entries(all)) {
    const note = `{ printf '%s\\n' "$0" "$@"; env; } >>'${records}/${name}'.$$`
    await writeFile(join(bin, name), `#!/bin/sh\n${note}\n${script}\n`, { mode: 0o755 })
  }
  return {
    bin,
    records: async () =>
      Promise.all(
        (await readdir(records)).map(async (name) => ({
          where: `what ${name.split('.')[0]} was given`,
          text: await readFile(join(records, name), 'utf8'),
        })),
      ),
  }
}

async function find(name: string): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    const path = join(folder, name)
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  throw new Error(`there is no ${name} in PATH`)
}
