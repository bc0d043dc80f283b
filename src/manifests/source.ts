import { Composer, type CST, type Document, LineCounter, Parser } from 'yaml'
import { plain } from '../text/plain.ts'
import { shellWord } from '../text/shell-word.ts'
import { refusal } from './refusal.ts'

export interface SourceText {
  path: string
  text: string
}

/** A YAML file that may be edited by splicing its text: offsets everywhere count from behind a byte order mark. */
export interface Source {
  path: string
  bom: string
  text: string
  documents: readonly Document.Parsed[]
  /** What each document says, as plain data. */
  models: readonly unknown[]
  /** Where the comments start. A `#` in a string or a block scalar is none. */
  comments: readonly number[]
  lineOf(offset: number): number
}

const templateName = /\.(j2|jinja2?|tpl|gotmpl|tmpl)$/
/** makejinja's statements look like YAML comments: https://github.com/mirkolenz/makejinja */
const templateLine = /^[ \t]*#%[-+]?[ \t]*(if|elif|else|endif|for|endfor|set|macro|include|import|block|raw|filter|call)\b/m

/**
 * Parses a file for editing. Throws a Failure (exit `blocked`, with `path:line`) where that would be unsafe: not YAML,
 * not UTF-8, the same key twice, indented with tabs, encrypted with SOPS, a template.
 */
export function parseSource(file: SourceText): Source {
  const bom = file.text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const text = file.text.slice(bom.length)
  refuseOtherEncoding(file.path, text)
  const lines = new LineCounter()
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  const documents = [...new Composer({ keepSourceTokens: true, logLevel: 'error', merge: true }).compose(tokens)]
  const lineOf = (offset: number) => lines.linePos(offset).line

  if (templateName.test(file.path)) throw template(file.path, 1)
  const statement = templateLine.exec(text)
  if (statement) throw template(file.path, lineOf(statement.index))
  refuseEncrypted(file.path, text, documents, lineOf)
  refuseBroken(file.path, text, documents, lineOf)
  return {
    path: file.path,
    bom,
    text,
    documents,
    models: documents.map((document) => modelOf(file.path, document, lineOf)),
    comments: tokens.flatMap(commentsIn),
    lineOf,
  }
}

/** What was read as UTF-8 and wasn't holds U+FFFD where the bytes were: written back, they would be lost. */
function refuseOtherEncoding(path: string, text: string): void {
  const at = text.indexOf('\uFFFD')
  if (at === -1) return
  throw refusal(path, text.slice(0, at).split('\n').length, {
    id: 'not-utf8',
    what: 'this file is not UTF-8.',
    why: 'In any other encoding it could not be changed without changing more than is meant.',
    fix: `Save it as UTF-8: iconv -f <its encoding> -t UTF-8 ${shellWord(plain(path))}`,
  })
}

/** Refuses a document that is a Helm or Go template: its values are decided elsewhere. */
export function refuseTemplate(source: Source, document: Document.Parsed): void {
  const at = source.text.slice(0, document.range[2]).indexOf('{{', document.range[0])
  if (at !== -1) throw template(source.path, source.lineOf(at))
}

function template(path: string, line: number) {
  return refusal(path, line, {
    id: 'template-file',
    what: 'this is a template, not the YAML that Flux will read.',
    why: 'What is written here is rendered by another tool; an edit could break the template or be lost at the next rendering.',
    fix: 'Change the value that the template reads, render it, and run this again on the rendered file.',
  })
}

function refuseEncrypted(path: string, text: string, documents: readonly Document.Parsed[], lineOf: (offset: number) => number): void {
  const hasKey = documents.some((document) => document.has('sops'))
  const value = /\bENC\[AES256_GCM,/.exec(text)
  if (!hasKey && !value) return
  throw refusal(path, lineOf(value?.index ?? Math.max(0, text.search(/^["']?sops["']?[ \t]*:/m))), {
    id: 'sops-encrypted',
    what: 'this file is encrypted with SOPS.',
    why: 'SOPS signs the whole file: any edit from outside makes it undecryptable.',
    fix: `sops edit ${shellWord(plain(path))}`,
  })
}

function refuseBroken(path: string, text: string, documents: readonly Document.Parsed[], lineOf: (offset: number) => number): void {
  const error = documents.flatMap((document) => document.errors).toSorted((a, b) => a.pos[0] - b.pos[0])[0]
  if (!error) return
  if (text.includes('{{')) throw template(path, lineOf(text.indexOf('{{')))
  const mark = /^<{7} |^>{7} /m.exec(text)
  if (mark) {
    throw refusal(path, lineOf(mark.index), {
      id: 'yaml-merge-marks',
      what: 'git left the marks of a merge here that was not ended.',
      fix: `Keep what is right, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>.`,
    })
  }
  const line = lineOf(error.pos[0])
  if (error.code === 'TAB_AS_INDENT') {
    throw refusal(path, line, {
      id: 'yaml-tabs',
      what: 'this line is indented with a tab.',
      fix: `Replace the tab at line ${line} with spaces.`,
    })
  }
  if (error.code === 'DUPLICATE_KEY') {
    throw refusal(path, line, {
      id: 'yaml-duplicate-key',
      what: 'this key stands in the same map twice.',
      why: 'Which of the two counts differs from tool to tool.',
      fix: `Remove one of the two; the second is at line ${line}.`,
    })
  }
  throw invalid(path, line, error.code.toLowerCase().replaceAll('_', ' '))
}

/** What a document says. An alias inside of what it repeats has no end, and Go's parser refuses it as well. */
function modelOf(path: string, document: Document.Parsed, lineOf: (offset: number) => number): unknown {
  try {
    const model: unknown = document.toJS()
    JSON.stringify(model)
    return model
  } catch {
    throw invalid(path, lineOf(document.range[0]), 'an alias that leads nowhere, or into itself')
  }
}

function invalid(path: string, line: number, reason: string) {
  return refusal(path, line, { id: 'yaml-invalid', what: `this is not valid YAML (${reason}).`, fix: `Put line ${line} right.` })
}

/** Walks a syntax tree: comments hide in several fields of several kinds of token. */
function commentsIn(token: unknown): number[] {
  if (typeof token !== 'object' || token === null) return []
  if ('type' in token && token.type === 'comment') return [(token as CST.SourceToken).offset]
  return Object.values(token).flatMap(commentsIn)
}
