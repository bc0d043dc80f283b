import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

/** Everything that people read: all Markdown of the repository but the tests' own, and what is made of commits. */
export const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && !/^(test|\.changeset|docs\/transcripts)\//.test(path))
  .sort()

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

export interface Block {
  language: string
  text: string
  /** Of the opening fence, from 1. */
  line: number
}

/** The fenced code blocks of a page. */
export function blocks(markdown: string): Block[] {
  return [...markdown.matchAll(/^( *)```(\w*)[^\n]*\n(.*?)^\1```$/gms)].map(
    ({ 1: indent = '', 2: language = '', 3: text = '', index }) => ({
      language,
      text: text.replace(new RegExp(`^${indent}`, 'gm'), ''),
      line: markdown.slice(0, index).split('\n').length,
    }),
  )
}

/** The page without its code: what is left are sentences, tables and links. */
export function withoutCode(markdown: string): string {
  return markdown.replace(/^( *)```.*?^\1```$/gms, '').replace(/`[^`\n]+`/g, '')
}
