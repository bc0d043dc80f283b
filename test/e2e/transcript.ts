import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Transcript {
  name: string
  /** A sentence about what happens outside of the program. */
  note(text: string): void
  ran(args: string[], ended: { code: number; stdout: string; stderr: string }, folder: string): void
  save(): Promise<void>
}

const folder = new URL('../../docs/transcripts', import.meta.url).pathname

/** What a person types and reads in a scenario, without what is another on each machine and in each run. */
export function startTranscript(name: string): Transcript {
  const lines: string[] = []
  return {
    name,
    note: (text) => void lines.push(`# ${text}`, ''),
    ran(args, { code, stdout, stderr }, place) {
      const typed = ['eso-bootstrap', ...args.map((each) => (/^[\w./:=@-]+$/.test(each) ? each : `'${each}'`))].join(' ')
      lines.push(normal(`$ ${typed}\n${stderr}${stdout}`.trimEnd(), place), `[exit code ${code}]`, '')
    },
    async save() {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, `${name}.txt`), lines.join('\n'))
    },
  }
}

function normal(text: string, place: string): string {
  return (
    text
      .replaceAll(`${place}/homelab`, '~/homelab')
      .replaceAll(place, '~')
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:6443')
      .replace(/(?<=commit |applied )[0-9a-f]{8}\b/g, '1f0c4d2e')
      .replace(/\b[0-9a-f]{40}\b/g, '1f0c4d2e8b7a69533e1d0f9c8b7a695841302f1e')
      .replace(/(?<=[\s:@(.])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,12}\b/g, (sha) => '1f0c4d2e8b7a'.slice(0, sha.length))
      // Progress comes in another order each time.
      .replace(/^ {4}· .*\n/gm, '')
      .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-01-01T00:00:00Z')
      .replace(/\b[a-z2-7]{26}\b/g, (id) => (/\d/.test(id) ? 'mfzgs3tpmnugk4tfmrqxi33sn4' : id))
  )
}
