import type { RawOptions } from '../raw-options.ts'
import { interruptible } from '../terminal/interrupt.ts'
import { canAsk, type Io } from '../terminal/io.ts'
import { requireItem } from '../terminal/missing.ts'
import { openVerifyView } from '../terminal/verify-view.ts'
import { parseVerify } from '../verify-inputs.ts'

/** Proves that a value comes from 1Password into a Secret, and leaves nothing behind. Gives the exit code. */
export async function verify(raw: RawOptions, io: Io): Promise<number> {
  const view = openVerifyView(io, raw)
  const interrupt = interruptible(io)
  try {
    const inputs = parseVerify(raw, io)
    const asks = canAsk(io) && !inputs.noInput && inputs.output === 'human'
    if (!asks) requireItem(inputs)
    const { verification } = await import('./verification.ts')
    return await verification(inputs, { io, view, signal: interrupt.signal })
  } catch (error) {
    return view.failed(interrupt.signal.aborted ? interrupt.signal.reason : error)
  } finally {
    interrupt.stop()
  }
}
