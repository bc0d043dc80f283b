import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type CommandName, optionsOf } from '../../src/options.ts'

const exec = promisify(execFile)
const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

let home: string
let env: Record<string, string>

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'eso-bootstrap-completion-'))
  const bin = join(home, 'bin')
  await mkdir(join(home, 'a folder'), { recursive: true })
  await mkdir(bin)
  await writeFile(join(bin, 'eso-bootstrap'), `#!/bin/sh\nexec node '${inject('program')}' "$@"\n`, { mode: 0o755 })
  await writeFile(join(bin, 'kubectl'), '#!/bin/sh\necho homelab; echo cabin\n', { mode: 0o755 })
  await writeFile(join(home, 'token file'), '')
  env = { PATH: `${bin}:${process.env['PATH']}`, HOME: home, LANG: 'C.UTF-8', TERM: 'xterm', COLUMNS: '200' }
  await Promise.all(
    shells.map(async (shell) => {
      const { stdout } = await exec('eso-bootstrap', ['completion', shell], { env })
      await writeFile(join(home, shell), stdout)
    }),
  )
}, 60_000)
afterAll(() => rm(home, { recursive: true, force: true }))

const scripts: Record<Shell, string> = {
  // As readline calls it, where `=` separates words.
  bash: `source ./bash; line=$1
    read -ra COMP_WORDS <<< "\${line//=/ = }"; [[ $line == *[\\ =] ]] && COMP_WORDS+=('')
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _eso_bootstrap; printf '%s\\n' "\${COMPREPLY[@]}"`,
  fish: 'source ./fish; complete -C"$argv[1]"',
  // A terminal of its own: nothing else shows what zsh offers. What is asked for last is waited for.
  zsh: `zmodload zsh/zpty; zpty z zsh -f -i
    zpty -w z 'PS1=; autoload -Uz compinit; compinit -u -D; source ./zsh; LISTMAX=9999; stty columns 200; print set''tled'
    zpty -r -m z out '*settled*'; zpty -w -n z "$1"$'\\t\\t'; zpty -r -m z out "*$2*"; print -r -- $out; zpty -d z`,
}

/** What the shell offers when Tab is pressed here; zsh is listened to until it has said the word. */
async function offered(shell: Shell, line: string, word: string): Promise<string> {
  const args = { bash: ['-c', scripts.bash, 'bash', line], fish: ['-c', scripts.fish, line], zsh: ['-fc', scripts.zsh, 'zsh', line, word] }
  const { stdout } = await exec(shell, args[shell], { env, cwd: home, timeout: 20_000 })
  return stripVTControlCharacters(stdout)
}

describe.each(shells)('%s', (shell) => {
  it.each([
    ['eso-bootstrap rotate-', 'rotate-credentials'],
    ['eso-bootstrap co', 'completion'],
    ['eso-bootstrap init --verify', '--verify-item'],
    ['eso-bootstrap init --git pu', 'push'],
    ['eso-bootstrap init --git=pu', 'push'],
    ['eso-bootstrap status --con', '--context'],
    ['eso-bootstrap status --context ho', 'homelab'],
    ['eso-bootstrap doctor --explain folder-r', 'folder-readable'],
    ['eso-bootstrap doctor -o sa', 'sarif'],
    ['eso-bootstrap demo --scenario stale', 'stale-ready'],
    ['eso-bootstrap completion fi', 'fish'],
    ['eso-bootstrap init --repo a', 'folder'],
    ['eso-bootstrap init --token tok', 'file'],
  ])('completes %s', async (line, word) => {
    expect(await offered(shell, line, word)).toContain(word)
  })

  it('offers no option of another command', async () => {
    const said = await offered(shell, 'eso-bootstrap verify --', '--timeout')
    expect(said).toContain('--item')
    expect(said).not.toContain('--credentials')
  })
})

describe.each(['bash', 'fish'] as const)('%s', (shell) => {
  const commands: CommandName[] = ['init', 'rotate-token', 'rotate-credentials', 'status', 'doctor', 'verify', 'demo']
  it.each(commands)('offers every option of %s', async (command) => {
    const lines = (await offered(shell, `eso-bootstrap ${command} --`, '--help')).split('\n').map((line) => line.split('\t')[0])
    const known = [...optionsOf(command).map(({ flag }) => `--${flag}`), '--help']
    expect(lines.filter((line) => line?.startsWith('--')).toSorted()).toEqual(known.toSorted())
  })
})

it('a shell that is not known is told which are', async () => {
  await expect(exec('eso-bootstrap', ['completion', 'powershell'], { env })).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('Completion is for bash, zsh, fish; name one of them.'),
  })
})
