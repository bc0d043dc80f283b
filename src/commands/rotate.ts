import type { RawOptions } from '../raw-options.ts'
import { parseRotation, type RotationInputs } from '../rotation-inputs.ts'
import { interruptible } from '../terminal/interrupt.ts'
import { canAsk, type Io } from '../terminal/io.ts'
import { requireRotation } from '../terminal/missing.ts'
import { openRotationView } from '../terminal/rotation-view.ts'

/** A new token, or new credentials and token: proven before the old ones go. Gives the exit code. */
export async function rotate(command: RotationInputs['command'], raw: RawOptions, io: Io): Promise<number> {
  const view = openRotationView(command, io, raw)
  const interrupt = interruptible(io)
  try {
    const inputs = parseRotation(command, raw, io)
    const asks = canAsk(io) && !inputs.noInput && inputs.output === 'human'
    if (!asks) requireRotation(inputs)
    // What follows speaks to clusters; refusing to begin must not wait for it to load.
    const { rotation } = await import('./rotation.ts')
    return await rotation(inputs, { io, view, asks, signal: interrupt.signal })
  } catch (error) {
    return view.failed(interrupt.signal.aborted ? interrupt.signal.reason : error)
  } finally {
    interrupt.stop()
  }
}
