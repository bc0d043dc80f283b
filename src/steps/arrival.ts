import { setTimeout as after } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { recognise, type Setting } from '../onepassword/troubles.ts'

export interface Waiting {
  signal: AbortSignal
  /** What is said at this moment about what is waited for. */
  look(): Promise<string[]>
  /** For the fixes of known causes. */
  setting?: Setting | undefined
  /** Milliseconds before each look. */
  pauses: Iterable<number>
  /** Runs after a look that ended nothing. */
  again?(): Promise<void>
}

/**
 * What arrives; or the Failure for a cause that is known and has outlasted the time in which it might heal, or that is known
 * when `arrives` ends with the Failure `wait-deadline`. Throws the signal's reason when it is aborted.
 */
export async function arrival<T>(arrives: (signal: AbortSignal) => Promise<T>, waiting: Waiting): Promise<T> {
  const stop = new AbortController()
  const onAbort = () => stop.abort(waiting.signal.reason)
  waiting.signal.throwIfAborted()
  waiting.signal.addEventListener('abort', onAbort, { once: true })
  const arrived = arrives(stop.signal)
  try {
    return await Promise.race([arrived, refusal(waiting, stop.signal)])
  } catch (error) {
    waiting.signal.throwIfAborted()
    if (!(error instanceof Failure) || error.id !== 'wait-deadline') throw error
    const trouble = recognise(await waiting.look(), waiting.setting)
    throw trouble === undefined ? error : new Failure(trouble)
  } finally {
    waiting.signal.removeEventListener('abort', onAbort)
    stop.abort()
    await arrived.catch(() => {})
  }
}

async function refusal({ look, setting, pauses, again }: Waiting, signal: AbortSignal): Promise<never> {
  const since = Date.now()
  for (const pause of pauses) {
    await after(pause, undefined, { signal })
    const trouble = recognise(await look(), setting)
    if (trouble !== undefined && Date.now() - since >= trouble.patience) throw new Failure(trouble)
    signal.throwIfAborted()
    await again?.()
  }
  throw new Error('pauses have no end')
}

/** The same pause for ever. */
export function* every(milliseconds: number): Generator<number> {
  for (;;) yield milliseconds
}
