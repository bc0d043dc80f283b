import { confirm } from '@inquirer/prompts'
import { asInterruption } from './ask-source.ts'
import type { Io } from './io.ts'

/** The one yes before anything is written. */
export async function confirmPlan(message: string, io: Io, signal: AbortSignal): Promise<boolean> {
  try {
    return await confirm({ message, default: false }, { output: io.stderr, input: io.stdin, signal })
  } catch (error) {
    throw asInterruption(error, signal)
  }
}
