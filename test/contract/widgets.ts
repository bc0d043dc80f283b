import { setTimeout } from 'node:timers/promises'
import { condition, type KubernetesObject } from '../../src/kubernetes/object.ts'
import type { Client } from './client.ts'

export const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

const text = { type: 'string' }

const spec = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'string', enum: ['small', 'large'], default: 'small' },
    code: { type: 'string', pattern: '^[a-z]+$' },
    replicas: { type: 'integer', minimum: 1 },
    parts: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', required: ['name'], properties: { name: text, value: text } },
    },
    plain: { type: 'array', items: text },
    extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
}

const status = {
  type: 'object',
  properties: {
    conditions: { type: 'array', items: { type: 'object', properties: { type: text, status: text } } },
  },
}

const schema = { openAPIV3Schema: { type: 'object', properties: { spec, status } } }
const columns = [
  { name: 'Size', type: 'string', jsonPath: '.spec.size' },
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
]

/** A kind with two served versions, the older deprecated, and one that isn't served. */
export function widgetDefinition(): KubernetesObject {
  return structuredClone({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.test' },
    spec: {
      group: 'example.test',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', shortNames: ['wd'] },
      versions: [
        { name: 'v1', served: true, storage: true, schema, subresources: { status: {} }, additionalPrinterColumns: columns },
        { name: 'v1beta1', served: true, storage: false, deprecated: true, schema, subresources: { status: {} } },
        { name: 'v1alpha1', served: false, storage: false, schema },
      ],
    },
  })
}

/** Creates the definition, unless it is there, and waits until its first version is served. */
export async function define(server: Client, definition: KubernetesObject): Promise<void> {
  const { group, names, versions } = definition['spec']
  const watching = await server.watch(`${definitions}?watch=1&fieldSelector=metadata.name%3D${definition.metadata.name}`)
  await server.send('POST', definitions, { body: definition })
  for (let event = await watching.next(); event; event = await watching.next()) {
    if (condition(event.object, 'Established')?.status === 'True') break
  }
  watching.stop()
  // Established is said a moment before it is so: the server waits 5 seconds where it has peers.
  const path = `/apis/${group}/${versions[0].name}/${names.plural}`
  const late = Date.now() + 10_000
  while ((await server.send('GET', path)).status !== 200) {
    if (Date.now() > late) throw new Error(`${path} is not served`)
    await setTimeout(20)
  }
}
