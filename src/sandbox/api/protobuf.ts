import { badRequest, failure } from './errors.ts'
import type { Json, JsonObject } from './json.ts'

/** How a message's field is read: its name in JSON, and what it holds. */
type Shape = 'text' | 'bytes' | 'flag' | 'number' | 'texts' | 'textMap' | 'bytesMap' | Message | readonly [Message]
interface Message {
  [field: number]: readonly [name: string, shape: Shape]
}

const ownerReference: Message = {
  1: ['kind', 'text'],
  3: ['name', 'text'],
  4: ['uid', 'text'],
  5: ['apiVersion', 'text'],
  6: ['controller', 'flag'],
  7: ['blockOwnerDeletion', 'flag'],
}

const metadata: Message = {
  1: ['name', 'text'],
  2: ['generateName', 'text'],
  3: ['namespace', 'text'],
  5: ['uid', 'text'],
  6: ['resourceVersion', 'text'],
  11: ['labels', 'textMap'],
  12: ['annotations', 'textMap'],
  13: ['ownerReferences', [ownerReference]],
  14: ['finalizers', 'texts'],
}

const resourceAttributes: Message = {
  1: ['namespace', 'text'],
  2: ['verb', 'text'],
  3: ['group', 'text'],
  4: ['version', 'text'],
  5: ['resource', 'text'],
  6: ['subresource', 'text'],
  7: ['name', 'text'],
}

const nonResourceAttributes: Message = { 1: ['path', 'text'], 2: ['verb', 'text'] }
const preconditions: Message = { 1: ['uid', 'text'], 2: ['resourceVersion', 'text'] }

/** Field numbers: https://github.com/kubernetes/api/blob/v0.34.1/core/v1/generated.proto and its neighbours. */
const messages: Record<string, Message> = {
  Namespace: { 1: ['metadata', metadata] },
  Secret: {
    1: ['metadata', metadata],
    2: ['data', 'bytesMap'],
    3: ['type', 'text'],
    4: ['stringData', 'textMap'],
    5: ['immutable', 'flag'],
  },
  ConfigMap: { 1: ['metadata', metadata], 2: ['data', 'textMap'], 3: ['binaryData', 'bytesMap'], 4: ['immutable', 'flag'] },
  SelfSubjectAccessReview: {
    1: ['metadata', metadata],
    2: ['spec', { 1: ['resourceAttributes', resourceAttributes], 2: ['nonResourceAttributes', nonResourceAttributes] }],
  },
  SelfSubjectReview: { 1: ['metadata', metadata] },
  DeleteOptions: {
    1: ['gracePeriodSeconds', 'number'],
    2: ['preconditions', preconditions],
    4: ['propagationPolicy', 'text'],
    5: ['dryRun', 'texts'],
  },
}

/**
 * A request body in Kubernetes' protobuf, which kubectl sends for `create namespace`, `create secret` and `auth can-i`.
 * Throws 400 if it can't be read, 415 for a kind that kubectl doesn't send so.
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 */
export function decodeProtobuf(body: Buffer): Json {
  if (body.subarray(0, 4).toString('latin1') !== 'k8s\u0000') throw badRequest('provided data does not appear to be a protobuf message')
  let typeMeta: JsonObject = {}
  let raw: Buffer = Buffer.alloc(0)
  for (const { number, bytes } of fields(body.subarray(4))) {
    if (number === 1) typeMeta = decode(bytes, { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] })
    if (number === 2) raw = bytes
  }
  const message = messages[String(typeMeta['kind'])]
  if (!message) throw failure(415, 'UnsupportedMediaType', `the sandbox reads ${typeMeta['kind']} as JSON or YAML only`, {})
  return { ...typeMeta, ...decode(raw, message) }
}

function decode(body: Buffer, message: Message): JsonObject {
  const object: JsonObject = {}
  for (const { number, value, bytes } of fields(body)) {
    const known = message[number]
    if (!known) continue
    const [name, shape] = known
    if (shape === 'flag') object[name] = value === 1
    else if (shape === 'number') object[name] = value
    else if (shape === 'text') setUnlessEmpty(object, name, bytes.toString())
    else if (shape === 'bytes') object[name] = bytes.toString('base64')
    else if (shape === 'texts') object[name] = [...((object[name] as Json[]) ?? []), bytes.toString()]
    else if (shape === 'textMap' || shape === 'bytesMap') {
      const entry = decode(bytes, { 1: ['key', 'text'], 2: ['value', shape === 'textMap' ? 'text' : 'bytes'] })
      object[name] = { ...(object[name] as JsonObject), [String(entry['key'])]: entry['value'] ?? '' }
    } else if (isList(shape)) object[name] = [...((object[name] as Json[]) ?? []), decode(bytes, shape[0])]
    else object[name] = decode(bytes, shape)
  }
  return object
}

/** Go writes empty strings of proto2 messages; in JSON they would be left out. */
function setUnlessEmpty(object: JsonObject, name: string, text: string): void {
  if (text !== '') object[name] = text
}

function isList(shape: Message | readonly [Message]): shape is readonly [Message] {
  return Array.isArray(shape)
}

interface Field {
  number: number
  value: number
  bytes: Buffer
}

/** The fields of a message in the order they were written: https://protobuf.dev/programming-guides/encoding/ */
function* fields(body: Buffer): Generator<Field> {
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = body[at++]
      if (byte === undefined) throw badRequest('unexpected EOF')
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  while (at < body.length) {
    const tag = varint()
    const wire = tag & 7
    const number = Math.floor(tag / 8)
    const value = wire === 0 ? varint() : 0
    const length = wire === 2 ? varint() : wire === 1 ? 8 : wire === 5 ? 4 : 0
    if (at + length > body.length) throw badRequest('unexpected EOF')
    yield { number, value, bytes: body.subarray(at, at + length) }
    at += length
  }
}
