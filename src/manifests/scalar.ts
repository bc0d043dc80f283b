import { stringify } from 'yaml'

const plainWord = /^[\p{L}\p{N}_./][\p{L}\p{N}_./@+-]*$/u

/**
 * A text as YAML, in the quotes that are asked for, else bare if it is bare for every reader: Flux and Kubernetes read
 * YAML 1.1, where `yes`, `on` and `1_000` are no texts (https://yaml.org/type/bool.html), and what holds spaces or punctuation
 * is quoted though not every reader needs it.
 */
export function scalarText(text: string, like?: 'QUOTE_DOUBLE' | 'QUOTE_SINGLE'): string {
  if (like === 'QUOTE_SINGLE') return `'${text.replaceAll("'", "''")}'`
  return like === undefined && plainWord.test(text) && isPlainText(text) ? text : JSON.stringify(text)
}

/**
 * Is it the text that it looks like when it stands there without quotes? Go takes more for a number than the library does,
 * `0X1F` and `8E_0` too: https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go
 */
export function isPlainText(text: string): boolean {
  return isPlain(text) && !/^[-+]?0[box]/i.test(text) && (!/^[-+.\d]/.test(text) || isPlain(text.replaceAll('_', '')))
}

function isPlain(text: string): boolean {
  return stringify(text, { compat: 'yaml-1.1', lineWidth: 0 }).trimEnd() === text
}
