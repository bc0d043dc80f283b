import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Repository } from '../git/repository.ts'
import { writeFiles } from '../manifests/write.ts'
import { codeOf, fileFailure } from '../upstream/files.ts'
import { withBlock } from './marked.ts'

const heading = '# External Secrets: status\n\n'

/** Puts the block into STATUS.md of this folder; hands back the file's path. Throws a Failure, and then the file is as it was. */
export async function writeBlock(repository: Repository | undefined, folder: string, block: string): Promise<string> {
  if (repository === undefined) throw new Error('a folder without a repository')
  const path = posix.join(folder, 'STATUS.md')
  const before = await textAt(join(repository.root, path), path)
  const after = withBlock(before ?? heading, block, path)
  if (after !== before) await writeFiles(repository.root, [{ path, before, after }])
  return path
}

async function textAt(file: string, path: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw fileFailure(error, path, 'read')
  }
}
