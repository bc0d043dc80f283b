import { code, generated, prose, table } from './markdown.js'

/** The JSON reports, field by field, from their schemas. Throws if a part that they share is not the same in all. */
export function jsonPage(init, rotation, status, verify, doctor) {
  const parts = {}
  for (const [name, part] of [init, rotation, status, verify, doctor].flatMap(({ $defs }) => Object.entries($defs))) {
    if (JSON.stringify(parts[name] ?? part) !== JSON.stringify(part)) throw new Error(`the schemas differ in ${name}`)
    parts[name] = part
  }
  const sections = Object.entries(parts).map(([name, part]) => `### ${name}\n\n${fields(part)}`)
  return `${generated}

# JSON report

With \`-o json\` a command prints one document on standard output, whether the run goes well or not; nothing else goes there.
Nobody is asked with it, so everything that is needed has to be given. The schemas are published, [of init](../schema/init.v1.json),
[of the rotations](../schema/rotation.v1.json), [of status](../schema/status.v1.json), [of verify](../schema/verify.v1.json)
and [of doctor](../schema/doctor.v1.json);
within \`schemaVersion\` 1 fields may be added, none is removed or changes its meaning. The document holds no secret.

\`\`\`sh
eso-bootstrap init --dry-run -o json --vault homelab --git push --credentials cred.json --token env:TOKEN | jq .verdict
eso-bootstrap rotate-token --check -o json | jq '.tokens[] | .days'
eso-bootstrap status -o json | jq '.problems[] | .why'
eso-bootstrap verify --item my-app/api-key -o json | jq '.stores[] | .milliseconds'
eso-bootstrap doctor -o json | jq '.checks[] | .findings[] | .why'
\`\`\`

A process that is killed outright, or is interrupted a second time, prints no document.

## init

${fields(init)}

## rotate-token and rotate-credentials

${fields(rotation)}

## status

${fields(status)}

## verify

${fields(verify)}

## doctor

${fields(doctor)}

## Parts

${sections.join('\n\n')}

The ids of errors: [errors.md](errors.md). What a process ends with: [exit-codes.md](exit-codes.md).
`
}

function fields({ properties, required }) {
  const rows = Object.entries(properties).map(([name, field]) => [
    code(name) + (required.includes(name) ? '' : ' (may be missing)'),
    typeOf(field),
    prose(field.description ?? ''),
  ])
  const nested = Object.entries(properties).filter(([, { properties }]) => properties !== undefined)
  const inner = nested.flatMap(([name, field]) =>
    Object.entries(field.properties).map(([each, part]) => [
      code(`${name}.${each}`) + (field.required.includes(each) ? '' : ' (may be missing)'),
      typeOf(part),
      prose(part.description ?? ''),
    ]),
  )
  return table(['Field', 'Type', 'Is'], [...rows, ...inner])
}

function typeOf({ type, const: only, enum: some, items, $ref }) {
  if (only !== undefined) return code(JSON.stringify(only))
  if (some !== undefined) return some.map((each) => code(String(each))).join(', ')
  if ($ref !== undefined) return nameOf($ref)
  return type === 'array' ? `list of ${items.$ref === undefined ? items.type : nameOf(items.$ref)}` : type
}

function nameOf(reference) {
  const name = reference.split('/').at(-1)
  return `[${name}](#${name.toLowerCase()})`
}
