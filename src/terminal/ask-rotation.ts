import { input, select } from '@inquirer/prompts'
import { Failure } from '../failure.ts'
import type { Op } from '../onepassword/op.ts'
import { itemAndField } from '../raw-options.ts'
import type { RotationInputs } from '../rotation-inputs.ts'
import type { OpenCluster } from '../steps/open-cluster.ts'
import { bridgeOf, bySecret, nameOf, placeOf, storesFor } from '../steps/rotation/bridge.ts'
import { proofsFor } from '../steps/rotation/proofs.ts'
import { survey } from '../steps/rotation/survey.ts'
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
    const given = { ...placed, ...(await askNew(placed, at, context)) }
    return { ...given, ...(await askItem(given, targets, at, context)) }
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
  explain(context, 'The stores take their tokens from several Secrets; one is rotated at a time.')
  const choices = bySecret(stores).map((users) => ({
    name: placeOf(users[0]),
    value: users[0],
    description: `used by ${users.map(nameOf).join(', ')}`,
  }))
  const { name, namespace } = await select({ message: 'Secret:', choices }, context)
  return { store: { name, ...(namespace !== undefined && { namespace }) } }
}

/** Only where no ExternalSecret can be asked to prove the new token. */
async function askItem(
  inputs: RotationInputs,
  targets: readonly OpenCluster[],
  at: PromptAt,
  context: Context,
): Promise<Pick<RotationInputs, 'verifyItem'>> {
  const cluster = await targets[0]?.cluster()
  if (cluster === undefined || inputs.verifyItem !== undefined) return {}
  const bridge = await bridgeOf(cluster, inputs)
  const found = await survey(cluster, bridge.stores, at.signal ?? new AbortController().signal)
  if (found === undefined || proofsFor(found, bridge, undefined).proofs.length > 0) return {}
  explain(context, 'No ExternalSecret reads from these stores. An item, or item/field, to prove it with; its value is never shown.')
  const said = await input(
    { message: 'Proof:', validate: (text) => text.trim() !== '' || 'Nothing else would prove the new token.' },
    context,
  )
  return { verifyItem: itemAndField(said.trim()) }
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
