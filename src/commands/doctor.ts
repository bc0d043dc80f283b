import { parseDoctor } from '../doctor-inputs.ts'
import type { RawOptions } from '../raw-options.ts'
import { openDoctorView } from '../terminal/doctor-view.ts'
import { interruptible } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'

/** Runs every check and says what is wrong; with `--fix` mends some of it. Gives the exit code. */
export async function doctor(raw: RawOptions, io: Io): Promise<number> {
  const view = openDoctorView(io, raw)
  const interrupt = interruptible(io)
  try {
    const inputs = parseDoctor(raw, io)
    const { examination } = await import('./examination.ts')
    return await examination(inputs, { io, view, signal: interrupt.signal })
  } catch (error) {
    return view.failed(interrupt.signal.aborted ? interrupt.signal.reason : error)
  } finally {
    interrupt.stop()
  }
}
