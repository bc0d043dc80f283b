import { select } from '@inquirer/prompts'
import { Failure } from '../failure.ts'
import type { Op } from '../onepassword/op.ts'
import type { RotationInputs } from '../rotation-inputs.ts'
import type { OpenCluster } from '../steps/open-cluster.ts'
import { bridgeOf, nameOf, secretOf, storesFor } from '../steps/rotation/bridge.ts'
import { asInterruption, type Context, explain, type PromptAt, promptCredentials, promptToken } from './ask-source.ts'
import type { Io } from './io.ts'

/** Asks for what is missing: which Secret, if the stores use several, and where the new token, or the new pair, comes from. */
export async function askRotation(
  inputs: RotationInputs,
  targets: readonly OpenCluster[],
  at: PromptAt & { op: Pick<Op, 'present'> },
  io: Io,
): Promise<RotationInputs> {
  const context: Context = { output: io.stderr, input: io.stdin, ...(at.signal && { signal: at.signal }) }
  try {
    const placed = { ...inputs, ...(await askStore(inputs, targets, context)) }
    return { ...placed, ...(await askNew(placed, at, context)) }
  } catch (error) {
    throw asInterruption(error, at.signal)
  }
}

async function askStore(inputs: RotationInputs, targets: readonly OpenCluster[], context: Context): Promise<Pick<RotationInputs, 'store'>> {
  const cluster = await targets[0]?.cluster()
  if (cluster === undefined || inputs.store !== undefined) return {}
  const isClear = await bridgeOf(cluster, inputs).then(
    () => true,
    (error) => !(error instanceof Failure && error.id === 'several-secrets'),
  )
  if (isClear) return {}
  const stores = await storesFor(cluster, inputs)
  const distinct = [...new Map(stores.map((store) => [JSON.stringify(secretOf(store)), store])).values()]
  explain(context, 'The stores take their tokens from several Secrets; one is rotated at a time.')
  const choices = distinct.map((store) => {
    const { namespace, name } = secretOf(store)
    return { name: `${namespace}/${name}  (${nameOf(store)})`, value: store }
  })
  const { name, namespace } = await select({ message: 'Secret:', choices }, context)
  return { store: { name, ...(namespace !== undefined && { namespace }) } }
}

async function askNew(
  inputs: RotationInputs,
  at: PromptAt & { op: Pick<Op, 'present'> },
  context: Context,
): Promise<Partial<RotationInputs>> {
  const wantsBoth = inputs.command === 'rotate-credentials'
  const isGiven = inputs.mint || (inputs.token !== undefined && (!wantsBoth || inputs.credentials !== undefined))
  if (isGiven) return {}
  if (inputs.token === undefined && inputs.credentials === undefined && (await at.op.present(at.signal))) {
    const what = wantsBoth ? 'a new Connect server and its token' : 'a token of the same Connect server'
    explain(
      context,
      wantsBoth
        ? 'New credentials come with a new Connect server, and so does a new token.'
        : 'The new token has to be of the same Connect server.',
    )
    const choices = [
      { name: `let op make ${what}`, value: true },
      { name: 'I have it already', value: false },
    ]
    if (await select({ message: wantsBoth ? 'New pair:' : 'New token:', choices }, context)) return { mint: true }
  }
  const credentials = wantsBoth ? (inputs.credentials ?? (await promptCredentials(at, context, inputs.command))) : undefined
  const token = inputs.token ?? (await promptToken(at, context, inputs.command))
  return { token, ...(credentials && { credentials }) }
}
