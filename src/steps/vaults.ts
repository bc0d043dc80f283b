import type { Step } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import type { Folder } from '../manifests/folder.ts'
import { fileLook } from './file-step.ts'
import type { World } from './world.ts'

/** Every 1Password store in the working tree names exactly these vaults, in this order. */
export const vaults: Step<World> = {
  id: 'vaults',
  title: 'the stores name the vaults',
  async look(world) {
    const [{ vaults: edits }, folder] = await Promise.all([world.edits(), world.folder()])
    if (folder.stores.length === 0) throw noStore(folder)
    const names = world.inputs.vaults
      .toSorted((a, b) => a.order - b.order)
      .map(({ key }) => key)
      .join(', ')
    const stores = folder.stores.map(({ kind, name }) => `${kind} ${name}`).join(', ')
    return fileLook(world, edits, { already: `${stores}: ${names}`, pending: `${stores}: read ${names}` })
  },
}

/** With a folder that was named: discovery asks for stores itself. */
function noStore({ kustomization, sdkStores }: Folder): Failure {
  const [sdk] = sdkStores
  return new Failure({
    id: 'store-missing',
    exit: 'blocked',
    what: `${kustomization.path} leads to no store of 1Password Connect, so there is nothing that could name the vaults.`,
    why:
      sdk === undefined
        ? 'Entries are followed, commented ones too; a file that is not there, or outside of the repository, holds nothing.'
        : `The ${sdk.kind} ${sdk.name} is of the 1Password SDK provider, which needs no Connect.`,
    fix: [
      'Name the folder whose kustomization lists the stores: eso-bootstrap init --path <folder>',
      'https://external-secrets.io/latest/provider/1password-automation/',
    ],
  })
}
