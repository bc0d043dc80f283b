import type { Run, Step } from '../../engine/step.ts'
import { Failure } from '../../failure.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { plain } from '../../text/plain.ts'
import { toWatch } from '../access.ts'
import { roundTrip, roundTripNeeds } from '../round-trip.ts'
import { removeThrowAway } from '../throw-away.ts'
import { settingOf } from '../trouble.ts'
import { nameOf } from './bridge.ts'
import { externalSecretsOf } from './every-sync.ts'
import { someOf } from './external-secrets.ts'
import { forceOne } from './force.ts'
import { type Proof, proofsFor } from './proofs.ts'
import { isRotating } from './rotating.ts'
import { sideBySide } from './side-by-side.ts'
import type { RotationWorld } from './world.ts'

const group = 'external-secrets.io'

/** Values have come through with the new token: one through every store that has something to read. */
export const synced: Step<RotationWorld> = {
  id: 'synced',
  title: 'values come through with the new token',
  async look(world, earlier) {
    if (!(await isRotating(world, earlier))) return { is: 'already', says: 'no ExternalSecret is touched' }
    const [survey, bridge] = await Promise.all([world.survey(), world.bridge()])
    const { proofs, unused } = proofsFor(survey, bridge, world.rotation.verifyItem)
    if (proofs.length === 0) throw nothingToProveWith(unused.map(nameOf), world.command)
    return {
      is: 'pending',
      says: 'have a value come through',
      notes: [
        ...(survey.left.length === 0 ? [] : [`An earlier run was ended and has left ${survey.left.map(placeName).join(', ')}: removed.`]),
        ...unused.map((store) => `No ExternalSecret reads from ${nameOf(store)}: that the operator finds it valid has to do.`),
        ...(survey.generated.count === 0
          ? []
          : [`Never touched, because a generator would make new passwords: ${someOf(survey.generated)}`]),
      ],
      changes: proofs.map((proof) => ({ action: 'act', what: described(proof) })),
      needs: proofs.flatMap(needsOf),
      async makeItSo(run) {
        const own = { ...run, signal: AbortSignal.any([run.signal, world.signal]) }
        run.say(`waiting for ${proofs.map(subject).join(', ')}`)
        for (const left of survey.left) await sweepAway(world, left)
        await sideBySide(proofs, own.signal, (proof, signal) => prove(world, proof, { ...own, signal }))
        return { says: `${proofs.map(subject).join(', ')}: came through with the new token` }
      },
    }
  },
}

async function prove(world: RotationWorld, proof: Proof, run: Run): Promise<void> {
  const [cluster, setting] = await Promise.all([world.cluster(), settingOf(world)])
  const timeout = world.inputs.timeout
  if (proof.is === 'throw-away') {
    await roundTrip({ cluster, timeout, setting }, proof.wanted, run)
  } else {
    world.forced.push(proof.at)
    await forceOne(cluster, await externalSecretsOf(world), proof.at, { signal: run.signal, deadline: timeout, setting })
  }
  run.note(`${subject(proof)} came through ${nameOf(proof.store)}`)
}

/** It may stand where this user must not delete: then it stays, and harms nobody. */
async function sweepAway(world: RotationWorld, left: KubernetesObject): Promise<void> {
  const [cluster, resource] = await Promise.all([world.cluster(), externalSecretsOf(world)])
  await removeThrowAway(cluster, resource, left).catch((error) => {
    if (!(error instanceof Failure)) throw error
  })
}

function placeName({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`
}

function described(proof: Proof): string {
  if (proof.is === 'forced') return `have ${subject(proof)} synchronised with it`
  return `read ${subject(proof)} with it, through a throw-away ExternalSecret in ${proof.wanted.namespace}`
}

function subject(proof: Proof): string {
  if (proof.is === 'forced') return `ExternalSecret ${proof.at.namespace}/${proof.at.name}`
  return plain(`${proof.wanted.item}/${proof.wanted.field}`)
}

function needsOf(proof: Proof): unknown[] {
  if (proof.is === 'throw-away') return roundTripNeeds(proof.wanted.namespace)
  const at = { group, resource: 'externalsecrets', ...proof.at }
  return [...toWatch(at), { verb: 'patch', ...at }]
}

function nothingToProveWith(stores: readonly string[], command: string): Failure {
  return new Failure({
    id: 'nothing-to-prove-with',
    exit: 'blocked',
    what: `No ExternalSecret reads from ${stores.join(', ')}, so nothing would prove the new token.`,
    why: 'A token counts as good only when a value has come through with it. That of an item you name is never shown.',
    fix: `eso-bootstrap ${command} --verify-item <item>/<field> …`,
  })
}
