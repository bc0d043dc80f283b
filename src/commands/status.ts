import type { RawOptions } from '../raw-options.ts'
import { parseStatus } from '../status-inputs.ts'
import { type Interruptible, interruptible } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { openStatusView } from '../terminal/status-view.ts'

/** Says what is there and how it is; looks only, but for the file of `--write`. Gives the exit code. */
export async function status(raw: RawOptions, io: Io): Promise<number> {
  const view = openStatusView(io, raw)
  const interrupt = interruptible(io)
  try {
    const inputs = parseStatus(raw, io)
    const { showStatus } = await import('./show-status.ts')
    return await showStatus(inputs, { io, view, signal: interrupt.signal })
  } catch (error) {
    return view.failed(reasonOf(interrupt, error))
  } finally {
    interrupt.stop()
  }
}

function reasonOf({ signal }: Interruptible, error: unknown): unknown {
  return signal.aborted ? signal.reason : error
}
