import { input } from '@inquirer/prompts'
import { itemAndField } from '../raw-options.ts'
import { asInterruption, type Context, explain } from './ask-source.ts'
import type { Io } from './io.ts'

/** Asks which item is to come through. */
export async function askItem(io: Io, signal: AbortSignal): Promise<{ item: string; field?: string }> {
  const context: Context = { output: io.stderr, input: io.stdin, signal }
  explain(context, 'A 1Password item, or item/field, that the store can read; its value is never shown.')
  try {
    const said = await input({ message: 'Item:', validate: (text) => text.trim() !== '' || 'Without one nothing is proven.' }, context)
    return itemAndField(said.trim())
  } catch (error) {
    throw asInterruption(error, signal)
  }
}
