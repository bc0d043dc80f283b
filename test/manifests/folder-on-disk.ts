import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** A temporary folder with these files; it goes when the test ends. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'eso-bootstrap-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true })
    await writeFile(path.join(root, name), text)
  }
  return root
}

/** Everything in a folder: texts of its files, and its folders as names that end in `/`. */
export async function contentsOf(root: string): Promise<Record<string, string>> {
  const found = await readdir(root, { recursive: true, withFileTypes: true })
  const entries = found.map(async (entry): Promise<[string, string]> => {
    const name = path.relative(root, path.join(entry.parentPath, entry.name))
    return entry.isDirectory()
      ? [`${name}/`, '']
      : [name, await readFile(path.join(root, name), 'utf8').catch(() => 'a link that leads nowhere')]
  })
  return Object.fromEntries(await Promise.all(entries))
}
