import { code, generated, prose } from './markdown.js'

/** Every text of others that is understood, as people see it and search for it: what it means, what to do, where it is from. */
export function messagesPage(messages) {
  const sections = Object.entries(messages).map(([where, some]) => `## ${where}\n\n${some.map(section).join('\n\n')}`)
  return `${generated}

# Messages

What External Secrets Operator, its 1Password provider and 1Password Connect say when something is wrong, and what is behind it.
\`init\`, \`status\`, \`verify\`, \`doctor\` and the rotations know these texts, and tell the cause in their place. In them, … is what
differs from case to case; where more than one fits, the first on this page is meant. [The error ids](errors.md)

${sections.join('\n\n')}
`
}

function section({ id, texts, what, why, fix, source }) {
  const [text, ...others] = texts.map((each) => code(each.trim()))
  // Whatever is filled in stays a …, as it is in the text.
  const holes = (texts[0].match(/…/g) ?? []).map(() => '…')
  const cause = typeof what === 'function' ? what(holes) : what
  const remedies = (typeof fix === 'function' ? fix({}) : fix).map((each) => `- ${isCommand(each) ? code(each) : prose(each)}`)
  return [
    `### ${text}`,
    ...(others.length === 0 ? [] : [`Or ${others.join(', ')}`]),
    `**${prose(cause)}** ${prose(why)}`,
    remedies.join('\n'),
    `Error [${code(id)}](errors.md#${id}), seen in <${source}>`,
  ].join('\n\n')
}

function isCommand(text) {
  return /^(eso-bootstrap|kubectl|op)\b/.test(text)
}
