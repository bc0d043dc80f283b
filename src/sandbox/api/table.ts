import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { PrinterColumn, ResourceType } from './resources.ts'

const apiVersion = 'meta.k8s.io/v1'

/** What `kubectl get` asks for: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
export interface Table {
  kind: 'Table'
  apiVersion: typeof apiVersion
  metadata: object
  columnDefinitions: object[]
  rows: { cells: unknown[]; object: object }[]
}

interface Column {
  name: string
  type: string
  format?: string
  description?: string
  priority?: number
  cell(object: KubernetesObject, now: Date): unknown
}

const age: Column = { name: 'Age', type: 'string', cell: (object, now) => since(object.metadata.creationTimestamp, now) }
const name: Column = { name: 'Name', type: 'string', format: 'name', cell: (object) => object.metadata.name }

function plainColumn(title: string, cell: Column['cell'], type = 'string'): Column {
  return { name: title, type, cell }
}

const count = (value: object | undefined) => Object.keys(value ?? {}).length

const builtin: Record<string, Column[]> = {
  Namespace: [plainColumn('Status', (object) => object['status']?.phase ?? ''), age],
  Secret: [plainColumn('Type', (object) => object['type']), plainColumn('Data', (object) => count(object['data']), 'string'), age],
  ConfigMap: [plainColumn('Data', (object) => count(object['data']) + count(object['binaryData']), 'string'), age],
  Pod: [
    plainColumn('Ready', (object) => {
      const statuses: { ready: boolean }[] = object['status']?.containerStatuses ?? []
      return `${statuses.filter((status) => status.ready).length}/${object['spec']?.containers?.length ?? 0}`
    }),
    plainColumn('Status', (object) => object['status']?.phase ?? 'Pending'),
    plainColumn('Restarts', (object) => {
      const statuses: { restartCount?: number }[] = object['status']?.containerStatuses ?? []
      return String(statuses.reduce((sum, status) => sum + (status.restartCount ?? 0), 0))
    }),
    age,
  ],
  Deployment: [
    plainColumn('Ready', (object) => `${object['status']?.readyReplicas ?? 0}/${object['spec']?.replicas ?? 1}`),
    plainColumn('Up-to-date', (object) => object['status']?.updatedReplicas ?? 0, 'string'),
    plainColumn('Available', (object) => object['status']?.availableReplicas ?? 0, 'string'),
    age,
  ],
  Service: [
    plainColumn('Type', (object) => object['spec']?.type ?? ''),
    plainColumn('Cluster-IP', (object) => object['spec']?.clusterIP ?? '<none>'),
    plainColumn('Port(s)', (object) => {
      const ports: { port: number; protocol?: string }[] = object['spec']?.ports ?? []
      return ports.map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`).join(',')
    }),
    age,
  ],
  Lease: [plainColumn('Holder', (object) => object['spec']?.holderIdentity ?? ''), age],
  Event: [
    plainColumn('Last Seen', (object, now) => since(object['lastTimestamp'] ?? object.metadata.creationTimestamp, now)),
    plainColumn('Type', (object) => object['type']),
    plainColumn('Reason', (object) => object['reason']),
    plainColumn('Object', (object) => `${String(object['involvedObject']?.kind).toLowerCase()}/${object['involvedObject']?.name}`),
    plainColumn('Message', (object) => object['message']),
  ],
  CustomResourceDefinition: [plainColumn('Created At', (object) => object.metadata.creationTimestamp)],
}

function columnsOf(type: ResourceType): Column[] {
  if (!type.custom) {
    const own = builtin[type.kind] ?? [age]
    return type.kind === 'Event' ? own : [name, ...own]
  }
  const own = (type.columns ?? []).map((column) => ({ ...column, cell: printed(column) }))
  return [name, ...(type.columns ? own : [age])]
}

function printed(column: PrinterColumn): Column['cell'] {
  return (object, now) => {
    const value = valueAt(object, column.jsonPath)
    if (column.type === 'date') return value === undefined ? null : since(String(value), now)
    return value ?? null
  }
}

/** `includeObject`: the whole object, its metadata (the default), or nothing of it. */
export function asTable(
  type: ResourceType,
  items: KubernetesObject[],
  metadata: object,
  options: { include: string | null; now: Date; headless?: boolean },
): Table {
  const columns = columnsOf(type)
  return {
    kind: 'Table',
    apiVersion,
    metadata,
    columnDefinitions: options.headless
      ? []
      : columns.map(({ cell: _, ...column }) => ({ format: '', description: '', priority: 0, ...column })),
    rows: items.map((object) => ({
      cells: columns.map((column) => column.cell(object, options.now)),
      object: included(object, options.include),
    })),
  }
}

function included(object: KubernetesObject, include: string | null): object {
  if (include === 'Object') return object
  if (include === 'None') return {}
  return metadataOf(object)
}

/** A list of metadata alone: https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
export function asMetadata({ metadata, items }: { metadata: object; items: KubernetesObject[] }): object {
  return { kind: 'PartialObjectMetadataList', apiVersion, metadata, items: items.map(metadataOf) }
}

function metadataOf({ metadata }: KubernetesObject): KubernetesObject {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata }
}

/** `.status.conditions[?(@.type=="Ready")].status`, as far as printer columns use JSONPath. */
function valueAt(object: KubernetesObject, path: string): unknown {
  const steps = path.match(/\[\?\(@\.[^\]]+\)\]|\[\d+\]|\[\*\]|(?:\\.|[^.[\]\\])+/g) ?? []
  return steps.reduce<unknown>((value, step) => {
    if (value === undefined || value === null) return undefined
    const filter = /^\[\?\(@\.(\w+)\s*==\s*["']([^"']*)["']\)\]$/.exec(step)
    if (filter) return asList(value).find((item) => String(item[filter[1] ?? '']) === filter[2])
    const index = /^\[(\d+|\*)\]$/.exec(step)?.[1]
    if (index !== undefined) return asList(value)[index === '*' ? 0 : Number(index)]
    return (value as Record<string, unknown>)[step.replaceAll('\\', '')]
  }, object)
}

function asList(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value : []
}

/** `45s`, `3m12s`, `5h10m`, `3d4h`. Source: https://github.com/kubernetes/apimachinery/blob/v0.34.1/pkg/util/duration/duration.go */
function since(time: string | undefined, now: Date): string {
  if (!time) return '<unknown>'
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(time)) / 1000))
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  return days < 8 && hours % 24 !== 0 ? `${days}d${hours % 24}h` : `${days}d`
}
