import { readFile } from 'node:fs/promises'
import type { Evidence } from './evidence.ts'

const calls = ['execve', 'execveat', 'write', 'pwrite64', 'writev', 'pwritev', 'pwritev2']

/**
 * The command under strace, which writes down, also of what lives for a moment only, each program that is started with its
 * arguments and environment, and each byte that is written to a file. Linux only.
 */
export function traced(command: readonly string[], file: string): string[] {
  const flags = ['-f', '-qq', '-v', '-y', '-s', '16777216', '--seccomp-bpf', '-e', `trace=${calls}`, '-e', 'signal=none', '-o', file]
  return ['strace', ...flags, '--', ...command]
}

/**
 * What it wrote down of everything but the first program's start, which is the test's doing. Pipes and sockets are left out:
 * what goes through ours is seen at their other ends. `isSource` tells the files that may hold secrets.
 */
export async function readTrace(file: string, isSource: (path: string) => boolean): Promise<Evidence[]> {
  const [, ...lines] = (await readFile(file, 'latin1')).split('\n')
  return lines.flatMap((line) => {
    const [, program] = /^\d+ +execve(?:at)?\((.*?), \[/.exec(line) ?? []
    if (program !== undefined) return [{ where: `strace, start of ${program}`, text: line }]
    const [, path] = /^\d+ +p?writev?\w*\(\d+<(\/[^>]*)>/.exec(line) ?? []
    return path === undefined || isSource(path) ? [] : [{ where: `strace, written to ${path}`, text: line }]
  })
}
