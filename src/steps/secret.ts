import type { Look } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { fieldOwners } from '../kubernetes/owners.ts'
import { secrets } from '../kubernetes/resources.ts'
import { Secret } from '../secret.ts'
import { ownerOf } from './secret-owner.ts'
import { changedMeanwhile, writeSecret } from './secret-write.ts'
import type { ClusterWorld } from './world.ts'

/** One key of one Kubernetes Secret, and the value that it has to hold. */
export interface WantedKey {
  namespace: string
  name: string
  key: string
  /** What the Secret holds, decoded once from `.data`. Undefined: whatever is there is fine. */
  value: Secret | undefined
  /** What it has to hold still, where that is known from before. */
  still?: Secret | undefined
  /** Tells that what is there is as good as `value`. */
  same(stored: Secret): boolean
  /** What is wrong with the way the same value is held, if it is the same one: that is put right without asking. */
  flaw?(stored: Secret): string | undefined
  /** The flag that says where the value comes from. */
  flag: '--credentials' | '--token'
  notes: string[]
  /** What is written beside the value. */
  annotations?: Readonly<Record<string, string>>
}

/** The value under a key, decoded from `.data`. */
export function storedValue(secret: KubernetesObject | undefined, key: string): Secret | undefined {
  const encoded: string | undefined = secret?.['data']?.[key]
  return encoded === undefined ? undefined : new Secret(Buffer.from(encoded, 'base64').toString('utf8'))
}

/** Looks at a Secret: already right, to be created, or to be changed with consent. Owned by something else: a Failure. */
export async function lookAtSecret(world: ClusterWorld, wanted: WantedKey): Promise<Look> {
  const cluster = await world.cluster()
  const found = await cluster.get(secrets, wanted.name, wanted.namespace)
  const what = `Secret ${wanted.namespace}/${wanted.name}`
  const stored = storedValue(found, wanted.key)
  const { value, notes } = wanted
  if (wanted.still !== undefined && stored?.equals(wanted.still) !== true) throw changedMeanwhile(what)
  if (value === undefined) {
    if (stored !== undefined) return { is: 'already', says: `${what} is there; it was not compared, as ${wanted.flag} is not given`, notes }
    throw new Failure({
      id: 'missing-input',
      exit: 'usage',
      what: `${what} does not exist yet, and ${wanted.flag} does not say what goes in.`,
      fix: `eso-bootstrap ${world.command} ${wanted.flag} <source>`,
    })
  }
  if (stored !== undefined && wanted.same(stored)) return { is: 'already', says: `${what} holds it already`, notes }
  const flaw = stored && wanted.flaw?.(stored)
  const isReplaced = stored !== undefined && flaw === undefined
  if (found !== undefined) refuseForeign(world, found, wanted, { isReplaced, flaw })
  const change = { what, note: notes.join('; ') }
  return {
    is: 'pending',
    says: found === undefined ? `create ${what}` : `write ${what}`,
    notes: flaw === undefined ? (isReplaced ? ['replaces the value that is there'] : []) : [flaw],
    changes: [{ action: found === undefined ? 'create' : 'update', ...change }],
    needs: (found === undefined ? ['create', 'patch', 'delete'] : ['patch']).map((verb) => ({
      verb,
      group: '',
      resource: 'secrets',
      namespace: wanted.namespace,
      ...(verb === 'create' ? {} : { name: wanted.name }),
    })),
    makeItSo: () => writeSecret(cluster, found, wanted, value, world.inputs.takeOwnership),
  }
}

function refuseForeign(
  world: ClusterWorld,
  found: KubernetesObject,
  wanted: WantedKey,
  is: { isReplaced: boolean; flaw: string | undefined },
): void {
  const what = `Secret ${wanted.namespace}/${wanted.name}`
  const owner = ownerOf(found)
  if (owner !== undefined) throw owner
  if (found['immutable'] === true) {
    throw new Failure({
      id: 'secret-immutable',
      exit: 'blocked',
      what: `${what} is immutable.`,
      // What a rotation looks at has to stay.
      fix:
        world.command === 'init'
          ? `kubectl delete secret ${wanted.name} -n ${wanted.namespace}   (then run this again)`
          : `kubectl get secret ${wanted.name} -n ${wanted.namespace} -o yaml | sed '/^immutable:/d' | kubectl replace --force -f -`,
    })
  }
  const others = fieldOwners(found, ['data', wanted.key]).filter((manager) => manager !== 'eso-bootstrap')
  if (is.isReplaced && !world.inputs.replace && !world.interactive) {
    throw new Failure({
      id: 'secret-differs',
      exit: 'blocked',
      what: `${what} holds another value than ${wanted.flag} gives.`,
      why: 'A value that is in use is replaced only on demand.',
      fix: `eso-bootstrap init --replace ${others.length > 0 && !world.inputs.takeOwnership ? '--take-ownership ' : ''}…`,
    })
  }
  if (others.length > 0 && !world.inputs.takeOwnership) {
    throw new Failure({
      id: 'field-conflict',
      exit: 'blocked',
      what: `.data.${wanted.key} of ${what} is owned by the field manager ${others.join(', ')}${is.flaw ? `, and has to be written anew: ${is.flaw}` : ''}.`,
      why: 'Server-side apply does not overwrite what another manager wrote: https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts',
      fix: `eso-bootstrap ${world.command} --take-ownership …   (if that manager is no longer used for it)`,
    })
  }
}
