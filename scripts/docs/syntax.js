import { parseAst } from 'rolldown/parseAst'

/** The parts of every object literal, or call of a function named `refusal`, that tells of an error: it has an id and a text. */
export function objectsIn(source) {
  const found = []
  walk(parseAst(source, { lang: 'ts' }), (node) => {
    if (node.type === 'ObjectExpression') {
      const parts = Object.fromEntries(
        node.properties.flatMap((each) => (each.type === 'Property' ? [[nameOf(each.key), each.value]] : [])),
      )
      if (parts.id && parts.what) found.push(parts)
    }
    if (node.type === 'CallExpression' && node.callee.name === 'refusal' && node.arguments[0]?.type === 'Literal') {
      const [id, what, why, fix] = node.arguments
      found.push({ id, what, why, fix })
    }
  })
  return found
}

/** The texts that an expression can become; what is filled in stands between ‹ and ›. */
export function texts(node) {
  switch (node?.type) {
    case 'Literal':
      return typeof node.value === 'string' ? [node.value] : []
    case 'TemplateLiteral':
      return [template(node)]
    case 'ConditionalExpression':
      return [...texts(node.consequent), ...texts(node.alternate)]
    case 'LogicalExpression':
      return [...texts(node.left), ...texts(node.right)]
    case 'ArrayExpression':
      return node.elements.flatMap((each) => texts(each))
    case 'ArrowFunctionExpression':
      return texts(node.body)
    default:
      return []
  }
}

function template({ quasis, expressions }) {
  return quasis.map(({ value }, at) => value.cooked + (expressions[at] === undefined ? '' : hole(expressions[at]))).join('')
}

function hole(node) {
  const alternatives = node.type === 'ConditionalExpression' ? texts(node) : []
  if (alternatives.length > 0) return alternatives.toSorted((a, b) => b.length - a.length)[0]
  return `‹${wordFor(node)}›`
}

/** A name for what is filled in: `plain(call.name)` is a name, `failure.path` a path. */
function wordFor(node) {
  switch (node.type) {
    case 'Identifier':
      return words(node.name)
    case 'MemberExpression':
      return node.property.type === 'Identifier' && node.property.name !== 'length' ? words(node.property.name) : wordFor(node.object)
    case 'CallExpression':
      return node.arguments[0] && ['Identifier', 'MemberExpression', 'CallExpression'].includes(node.arguments[0].type)
        ? wordFor(node.arguments[0])
        : wordFor(node.callee.object ?? node.callee)
    case 'ChainExpression':
    case 'TSNonNullExpression':
      return wordFor(node.expression)
    case 'LogicalExpression':
      return wordFor(node.left)
    default:
      return '…'
  }
}

function words(name) {
  if (/^[A-Z]/.test(name)) return '…'
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function nameOf(key) {
  return key.name ?? key.value
}

function walk(node, visit) {
  if (node === null || typeof node !== 'object') return
  if (Array.isArray(node)) {
    for (const each of node) walk(each, visit)
    return
  }
  if (typeof node.type === 'string') visit(node)
  for (const value of Object.values(node)) walk(value, visit)
}
