import { Failure } from '../../failure.ts'
import { grouped } from '../../grouped.ts'
import type { Placed } from '../../manifests/content.ts'
import { groupOf, mapAt, objectsAt } from '../../manifests/documents.ts'
import { shellWord } from '../../text/shell-word.ts'
import type { FilesCheck, Finding } from '../check.ts'
import { isAtLeast, isOlder } from '../older.ts'
import type { FilesWorld } from '../world.ts'
import { builtObjects } from './built.ts'
import { fewest } from './fewest.ts'

const ours = 'external-secrets.io'

export const storeApiVersion: FilesCheck = {
  id: 'store-api-version',
  category: 'files',
  title: 'every manifest is written for a version of its API that is served',
  severity: 'error',
  needs: ['folder-readable'],
  page: {
    symptom: 'Flux says: no matches for kind "ClusterSecretStore" in version "external-secrets.io/v1beta1", though the operator runs.',
    cause:
      'External Secrets Operator serves external-secrets.io/v1 since 0.16.0, and v1beta1 no longer since 0.17.0, unless crds.unsafeServeV1Beta1 is set. PushSecret stays v1alpha1. The APIs of Flux go the same way.',
    fix: 'Change apiVersion in the files, or the version of the operator; v1beta1 and v1 have the same fields.',
    sources: [
      'https://github.com/external-secrets/external-secrets/releases/tag/v0.16.0',
      'https://github.com/external-secrets/external-secrets/releases/tag/v0.17.0',
      'https://github.com/fluxcd/flux2/issues/5374',
    ],
  },
  looksAt: 'files',
  async look(world) {
    const objects = (await builtObjects(world)).filter(({ object }) => isLookedAt(groupOf(object)))
    const served = await servedOf(world, objects)
    const wrong = objects.filter(({ object }) => {
      const versions = served(object)
      return versions !== undefined && !versions.includes(versionOf(object))
    })
    const byFile = grouped(wrong, ({ file, object }) => `${file} ${object['apiVersion']}`)
    const findings = byFile.map((all) => findingOf(all, served(all[0].object) ?? [], world.live !== undefined))
    return fewest(findings, 'files')
  },
}

function isLookedAt(group: string): boolean {
  return group === ours || group.endsWith('.toolkit.fluxcd.io')
}

function findingOf(all: readonly [Placed, ...Placed[]], served: readonly string[], isLive: boolean): Finding {
  const [{ object, file, line }] = all
  const [wanted] = served
  const version = String(object['apiVersion'])
  const count = all.length === 1 ? `The ${object['kind']} ${mapAt(object, 'metadata')['name']} is` : `${all.length} manifests are`
  const whose = isLive ? 'which this cluster does not serve' : 'which the operator of these files does not serve'
  const becomes = `${groupOf(object)}/${wanted}`
  const fix = [`sed -i 's#${version}$#${becomes}#' ${shellWord(file)}   (and commit it)`]
  return {
    about: file,
    why: `${count} written for ${version}, ${whose}; it serves ${served.join(' and ')}.`,
    fix,
    at: { path: file, line },
  }
}

/** The versions that are served of an object's kind, or will be; undefined where that isn't known. */
async function servedOf(
  world: FilesWorld,
  objects: readonly Placed[],
): Promise<(object: Placed['object']) => readonly string[] | undefined> {
  const pinned = await pinnedVersions(world)
  const keyOf = (object: Placed['object']) => `${groupOf(object)} ${object['kind']}`
  const kinds = new Map(objects.map(({ object }) => [keyOf(object), object]))
  const found = await Promise.all(
    [...kinds].map(async ([key, object]) => [key, (await world.live?.cluster.served(groupOf(object), object['kind'])) ?? []] as const),
  )
  const live = new Map(found)
  return (object) => {
    const versions = live.get(keyOf(object)) ?? []
    if (versions.length > 0) return versions
    return groupOf(object) === ours && !/PushSecret$/.test(object['kind']) ? pinned : undefined
  }
}

/** What the chart of the files brings, as far as its version is certain. */
async function pinnedVersions({ places }: FilesWorld): Promise<readonly string[] | undefined> {
  const [tree, folder] = await Promise.all([places.tree(), places.folder().catch(none)])
  const { file, name, version } = folder?.operator ?? {}
  if (file === undefined) return undefined
  if (isOlder(version, [0, 16, 0])) return ['v1beta1']
  const release = (await objectsAt(tree, file)).find(({ object }) => mapAt(object, 'metadata')['name'] === name)?.object
  const keepsOld =
    mapAt(release, 'spec', 'values', 'crds')['unsafeServeV1Beta1'] === true || mapAt(release, 'spec')['valuesFrom'] !== undefined
  return isAtLeast(version, [0, 17, 0]) && !keepsOld ? ['v1'] : undefined
}

function versionOf(object: Placed['object']): string {
  return String(object['apiVersion']).slice(groupOf(object).length + 1)
}

function none(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}
