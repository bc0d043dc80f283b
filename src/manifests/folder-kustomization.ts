import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'
import { kustomizationFile, kustomizationNames, pathIn } from './graph.ts'
import { refusal } from './refusal.ts'
import { refuseRunOn } from './run-on.ts'
import { parseSource, refuseTemplate, type SourceText } from './source.ts'
import type { Tree } from './tree.ts'

/**
 * The folder's kustomization, fit for editing. Throws a Failure where there is none, or two, where it lies outside the
 * repository, and for all that `parseSource` refuses: broken YAML, duplicate keys, tabs, SOPS, templates.
 */
export async function folderKustomization(tree: Tree, folder: string): Promise<SourceText> {
  const names = await tree.list(folder)
  const present = kustomizationNames.filter((name) => names.includes(name))
  if (present.length > 1) throw several(folder, present)
  const path = await kustomizationFile(tree, folder)
  if (path === undefined) throw await missing(tree, folder)
  const text = await tree.read(path)
  if (text === undefined) throw unreadable(path)
  const file = { path, text }
  const source = parseSource(file)
  const second = source.documents[1]
  if (second && source.models.filter((model) => model !== null && model !== undefined).length > 1) {
    throw refusal(path, source.lineOf(second.range[0]), {
      id: 'several-documents',
      what: 'a kustomization is one document; a second one begins here.',
      why: 'kustomize reads the first and ignores the rest.',
      fix: 'Keep a single document in this file.',
    })
  }
  for (const document of source.documents) refuseTemplate(source, document)
  refuseRunOn(source)
  return file
}

function several(folder: string, names: readonly string[]): Failure {
  return new Failure({
    id: 'several-kustomizations',
    exit: 'blocked',
    what: `${plain(folder) || '.'} has more than one kustomization file: ${names.join(' and ')}.`,
    why: 'kustomize stops with: Found multiple kustomization files.',
    fix: 'Keep one of them.',
  })
}

async function missing(tree: Tree, folder: string): Promise<Failure> {
  const at = plain(folder) || '.'
  const candidates = kustomizationNames.map((name) => pathIn(folder, name))
  const outside = await Promise.all([folder, ...candidates].map((path) => tree.leaves(path)))
  const leaving = [folder, ...candidates].find((_, index) => outside[index])
  if (leaving !== undefined) {
    return new Failure({
      id: 'outside-repository',
      exit: 'blocked',
      what: `${plain(leaving) || '.'} leads out of the repository.`,
      why: 'Flux gets the files of the repository only: what a symbolic link or `..` points to elsewhere never reaches the cluster.',
      fix: 'Put the files themselves into the repository.',
    })
  }
  if (!(await tree.isFolder(folder))) {
    return new Failure({
      id: 'folder-missing',
      exit: 'blocked',
      what: `There is no folder ${at} in the repository.`,
      fix: 'Give the folder of External Secrets with --path, as seen from the root of the repository.',
    })
  }
  const similar = (await tree.list(folder)).find((name) => /^kustomization\b/i.test(name))
  return new Failure({
    id: 'kustomization-missing',
    exit: 'blocked',
    what: `${at} has no kustomization.yaml.`,
    why:
      similar === undefined
        ? 'It is where Connect and the stores are switched on.'
        : `${plain(similar)} is none: kustomize reads ${kustomizationNames.join(', ')} and nothing else.`,
    fix: 'Give the folder whose kustomization lists them with --path, as seen from the root of the repository.',
  })
}

function unreadable(path: string): Failure {
  return new Failure({
    id: 'file-unreadable',
    exit: 'blocked',
    what: `${plain(path)} can't be read.`,
    fix: `ls -ld ${shellWord(plain(path))}`,
  })
}
