import { Failure } from '../../failure.ts'
import { groupOf, mapAt, mapsOf, objectsAt } from '../../manifests/documents.ts'
import { lineOf } from '../../manifests/line.ts'
import type { FilesCheck, Finding } from '../check.ts'

export const healthChecksLive: FilesCheck = {
  id: 'health-checks-live',
  category: 'files',
  title: 'each health check expression for External Secrets is of a kind that Flux checks there',
  severity: 'warning',
  needs: [],
  page: {
    symptom: 'A Flux Kustomization is Ready though its store is not, and what depends on it begins too early.',
    cause:
      'healthCheckExprs only say how a kind is judged. Flux judges what it waits for: all of it with wait: true, else what healthChecks names. For any other kind the expression is never evaluated.',
    fix: 'Set wait: true, or name the object in healthChecks; or take the expression out.',
    sources: [
      'https://fluxcd.io/flux/components/kustomize/kustomizations/#health-check-expressions',
      'https://fluxcd.io/flux/cheatsheets/cel-healthchecks/',
    ],
  },
  looksAt: 'files',
  async look({ places, live }) {
    const [tree, declared, view] = await Promise.all([places.tree(), places.declared(), live?.flux().catch(none)])
    const found = declared.map(async ({ file, line, name, namespace }): Promise<Finding[]> => {
      const objects = await objectsAt(tree, file)
      const spec = mapAt(objects.find((each) => each.line === line && mapAt(each.object, 'metadata')['name'] === name)?.object, 'spec')
      // A patch of the parent may have added it.
      const applied = view?.kustomizations.find((each) => each.name === name && (namespace ?? each.namespace) === each.namespace)
      if (spec['wait'] === true || applied?.wait === true) return []
      const checked = [...mapsOf(spec['healthChecks']), ...(applied?.healthChecks ?? [])]
      const text = (await tree.read(file)) ?? ''
      return mapsOf(spec['healthCheckExprs']).flatMap((each, nth) => {
        const group = groupOf(each)
        const fits = (one: { kind?: unknown; apiVersion?: unknown }) =>
          (one.apiVersion === undefined || groupOf(one) === group) && (each['kind'] === undefined || one.kind === each['kind'])
        if (group !== 'external-secrets.io' || checked.some(fits)) return []
        const kind = each['kind'] ?? `each kind of ${group}`
        const why = `Its expression for ${kind} is never evaluated: it neither waits for all it applies, nor names a ${each['kind'] ?? 'such object'} in healthChecks.`
        const at = { path: file, line: lineOf(text, line, 'spec', 'healthCheckExprs', nth) }
        const about = `Kustomization ${namespace === undefined ? name : `${namespace}/${name}`}`
        return [{ about, why, fix: [`Set wait: true in ${file}, or take the expression out.`], at }]
      })
    })
    return (await Promise.all(found)).flat()
  },
}

function none(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}
