import type { KubernetesObject } from '../../kubernetes/object.ts'
import { badRequest } from './errors.ts'
import type { ResourceType } from './resources.ts'

type Test = (object: KubernetesObject) => boolean

/** The test that `labelSelector` and `fieldSelector` make together. Throws 400 for what can't be read. */
export function selection(query: URLSearchParams, type: ResourceType): Test {
  const labels = labelTest(query.get('labelSelector') ?? '')
  const fields = fieldTest(query.get('fieldSelector') ?? '', type)
  return (object) => labels(object) && fields(object)
}

/** Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
function labelTest(selector: string): Test {
  const tests = splitOutsideParentheses(selector).map((text) => requirement(text, selector))
  return (object) => tests.every((test) => test(object.metadata.labels ?? {}))
}

function splitOutsideParentheses(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter(Boolean)
}

function requirement(text: string, selector: string): (labels: Record<string, string>) => boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const values = list.split(',').map((value) => value.trim())
    const isIn = (labels: Record<string, string>) => key in labels && values.includes(labels[key] ?? '')
    return operator === 'in' ? isIn : (labels) => !isIn(labels)
  }
  const equal = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/.exec(text)
  if (equal) {
    const [, key = '', operator, value] = equal
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value
  }
  const exists = /^(!?)\s*([^\s=!,()]+)$/.exec(text)
  if (!exists) throw badRequest(`unable to parse requirement: found '${text}' in "${selector}"`)
  const [, not, key = ''] = exists
  return (labels) => key in labels !== Boolean(not)
}

/** Which fields can be selected besides a name and a namespace: https://github.com/kubernetes/kubernetes/blob/v1.34.1/pkg/apis/core/v1/conversion.go */
const selectable: Record<string, RegExp> = {
  Event: /^(involvedObject\.\w+|reason|reportingComponent|source|type)$/,
  Namespace: /^status\.phase$/,
  Node: /^spec\.unschedulable$/,
  Pod: /^(spec\.(nodeName|restartPolicy|schedulerName|serviceAccountName)|status\.(phase|podIP|nominatedNodeName))$/,
  Secret: /^type$/,
  Service: /^spec\.(clusterIP|type)$/,
}

function refuseField({ kind, custom }: ResourceType, path: string): void {
  if (/^metadata\.(name|namespace)$/.test(path) || selectable[kind]?.test(path)) return
  if (custom || selectable[kind]) throw badRequest(`field label not supported: ${path}`)
  throw badRequest(`"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`)
}

function fieldTest(selector: string, type: ResourceType): Test {
  const tests = selector
    .split(',')
    .filter(Boolean)
    .map((text): Test => {
      const [, path = '', operator, value = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(text) ?? []
      if (!operator) throw badRequest(`invalid selector: '${selector}'; can't understand '${text}'`)
      refuseField(type, path)
      return (object) => (String(valueAt(object, path) ?? '') === value) === (operator !== '!=')
    })
  return (object) => tests.every((test) => test(object))
}

function valueAt(object: KubernetesObject, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object)
}
