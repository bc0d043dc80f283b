import { code, generated, prose, table } from './markdown.js'

/** Every flag of every command, as `--help` groups them. */
export function optionsPage({ options, optionsOf, environmentName }) {
  const commands = [...new Set(options.flatMap((option) => option.commands))]
  const sections = commands.map((command) => commandSection(command, optionsOf(command), environmentName))
  return `${generated}

# Options

All options of each command. Those of all commands but \`demo\` have an environment variable too; a flag wins over its variable. What else is
read from the environment: [environment.md](environment.md).

${sections.join('\n\n')}

## Sources

\`--credentials\` and \`--token\` never take a value, only the place where it is:

| Source | Is |
| --- | --- |
| \`path/to/file\` | a file |
| \`-\` | standard input; only one of the two can come from there |
| \`env:NAME\` | the environment variable \`NAME\` |
| \`op://vault/item/field\` | a [secret reference](https://developer.1password.com/docs/cli/secret-reference-syntax), read by the 1Password command line (\`op\`) |

A value that is pasted where a source is expected is refused, and not repeated in the message.
`
}

function commandSection(command, options, environmentName) {
  const groups = [...new Set(options.map(({ group }) => group))]
  const hasVariables = command !== 'demo'
  const head = ['Option', 'What it does', ...(hasVariables ? ['Environment'] : [])]
  const tables = groups.map((group) => {
    const rows = options
      .filter((option) => option.group === group)
      .map((option) => [spelling(option), sentence(option), ...(hasVariables ? [variables(option, environmentName)] : [])])
    return `### ${group} (\`${command}\`)\n\n${table(head, rows)}`
  })
  return `## \`eso-bootstrap ${command}\`\n\n${tables.join('\n\n')}`
}

function spelling({ flag, short, value }) {
  return code(`${short === undefined ? '' : `-${short}, `}--${flag}${value === undefined ? '' : ` ${value}`}`)
}

function sentence({ says, choices, required }) {
  return [
    prose(says),
    ...(choices === undefined ? [] : [`One of ${choices.map(code).join(', ')}.`]),
    ...(required === undefined ? [] : ['Needed when nobody can be asked.']),
  ]
    .join('. ')
    .replaceAll('..', '.')
}

function variables({ flag, legacy }, environmentName) {
  return [environmentName(flag), ...(legacy === undefined ? [] : [legacy])].map(code).join(', ')
}

/** Read besides the variables of the options; test/docs/environment.test.ts compares the names with the source. */
const others = [
  ['KUBECONFIG', 'the kubeconfig, or a list of them, where `--kubeconfig` is not given'],
  ['HTTPS_PROXY', 'the proxy to the API server, unless `NO_PROXY` excepts it or the kubeconfig has a `proxy-url`'],
  ['HTTP_PROXY', 'the same for an API server without TLS'],
  ['NO_PROXY', 'hosts that are reached without a proxy'],
  ['CI', 'when it is `true` (or `1`, `yes`, `on`) nobody is asked'],
  ['TERM', 'when it is `dumb` nobody is asked, and no escape sequence is written'],
  ['NO_COLOR', 'when it is not empty no colours are written: https://no-color.org'],
  ['HOME', 'where a path that begins with `~/` leads'],
]

function shapeOf(users) {
  if (users[0].value === undefined) return '`true`, `1`, `yes` or `on` switches it on'
  const several = users.filter(({ many }) => many)
  if (several.length === 0) return ''
  return several.length === users.length
    ? 'one value a line'
    : `one value a line for ${several.map(({ command }) => code(command)).join(', ')}`
}

/** Every variable that is read, and what children get to see. */
export function environmentPage({ optionsOf, environmentName }) {
  const commands = ['init', 'rotate-token', 'rotate-credentials', 'status', 'doctor', 'verify']
  const flags = [...new Set(commands.flatMap((command) => optionsOf(command).map(({ flag }) => flag)))]
  const own = flags.map((flag) => {
    const users = commands.flatMap((command) =>
      optionsOf(command).flatMap((option) => (option.flag === flag ? [{ command, ...option }] : [])),
    )
    return [code(environmentName(flag)), code(`--${flag}`), users.map(({ command }) => code(command)).join(', '), shapeOf(users)]
  })
  const legacy = optionsOf('init').filter((option) => option.legacy !== undefined)
  return `${generated}

# Environment

## Options

${table(['Variable', 'Same as', 'Of', 'Value'], own)}

## Names that are set already in many places

Read by \`init\`, after the variables above:

${table(
  ['Variable', 'Instead of', 'Value'],
  legacy.map(({ flag, legacy: name }) => [
    code(name),
    code(`--${flag}`),
    name === 'OP_CONNECT_TOKEN' ? 'the token itself' : 'the path of the file',
  ]),
)}

## Others

${table(
  ['Variable', 'For'],
  others.map(([name, says]) => [code(name), says]),
)}

## What children see

\`git\`, \`flux\`, \`op\` and the kubeconfig's exec plugins get this environment, without \`OP_CONNECT_*\`, \`OP_SESSION\`,
\`OP_CREDENTIALS_FILE\`, \`ESO_BOOTSTRAP_*\`, and the variables that \`--credentials env:NAME\` and \`--token env:NAME\` name: they may
hold a secret, and \`op\` would take \`OP_CONNECT_*\` as an order to speak to Connect instead of the account. \`OP_SERVICE_ACCOUNT_TOKEN\` stays, for \`op\` without a person.
`
}
