import { Failure } from '../../failure.ts'
import type { Folder } from '../../manifests/folder.ts'
import type { FilesWorld } from '../world.ts'

/** The External Secrets folder. Throws a Failure where there is none: what is in it can't be looked at then. */
export async function folderOf({ places }: FilesWorld): Promise<Folder> {
  const folder = await places.folder()
  if (folder !== undefined) return folder
  throw new Failure({ id: 'folder-missing', exit: 'blocked', what: 'This working tree has no External Secrets folder that Flux builds.' })
}
