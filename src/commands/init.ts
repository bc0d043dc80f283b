import { parseInputs } from '../inputs.ts'
import type { RawOptions } from '../raw-options.ts'
import { openView } from '../terminal/init-view.ts'
import { interruptible } from '../terminal/interrupt.ts'
import { canAsk, type Io } from '../terminal/io.ts'
import { requireInputs } from '../terminal/missing.ts'

/** From a bare Flux cluster to the first synced secret. Gives the exit code. */
export async function init(raw: RawOptions, io: Io): Promise<number> {
  const view = openView(io, raw)
  const interrupt = interruptible(io)
  try {
    const inputs = parseInputs(raw, io)
    const asks = canAsk(io) && !inputs.noInput && inputs.output === 'human'
    if (!asks) requireInputs(inputs)
    // What follows speaks to clusters and repositories; refusing to begin must not wait for it to load.
    const { bootstrap } = await import('./bootstrap.ts')
    return await bootstrap(inputs, { io, view, asks, signal: interrupt.signal })
  } catch (error) {
    return view.failed(interrupt.signal.aborted ? interrupt.signal.reason : error)
  } finally {
    interrupt.stop()
  }
}
