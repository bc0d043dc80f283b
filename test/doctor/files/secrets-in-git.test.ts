import { expect, it } from 'vitest'
import { noSecretInGit } from '../../../src/doctor/files/secrets-in-git.ts'
import { workingTree } from '../../../src/manifests/tree.ts'
import { makeCredentials, makeToken } from '../../../src/sandbox/credentials.ts'
import { git, world as machine, write } from '../../git/fixture.ts'
import { filesWorld } from '../worlds.ts'

const now = new Date()
const credentials = makeCredentials().reveal()
const token = makeToken().reveal()
const pretty = JSON.stringify(JSON.parse(credentials), null, 2)
const base64 = (text: string) => Buffer.from(text).toString('base64')
const wrapped = (text: string) => (text.match(/.{1,76}/g) ?? []).map((each) => `    ${each}`).join('\n')
const secret = (fields: string) => `apiVersion: v1\nkind: Secret\nmetadata:\n  name: it\n${fields}\n`
const indented = (text: string) =>
  text
    .split('\n')
    .map((each) => `    ${each}`)
    .join('\n')

/** What is found where these files lie in a working tree; what is in `tracked` is committed. */
async function look(untracked: Record<string, string>, tracked: Record<string, string> = {}) {
  const at = machine()
  for (const [path, text] of Object.entries({ ...untracked, ...tracked })) write(at, path, text)
  for (const path of Object.keys(tracked)) git(at, at.clone, 'add', '-f', path)
  const places = { ...filesWorld({}).places, repository: () => at.open(), tree: async () => workingTree(at.clone) }
  const found = await noSecretInGit.look({ ...filesWorld({}), now, places })
  const said = JSON.stringify(found)
  for (const part of [credentials, token, base64(token)]) expect(said).not.toContain(part.slice(0, 40))
  return found
}

const isCredentials = 'It holds the credentials of a Connect server'
const isToken = 'It holds a Connect token that is still valid'

it.each<[string, string, string, string, number]>([
  ['the file', '1password-credentials.json', credentials, isCredentials, 1],
  ['the file, laid out', 'folder/c.json', pretty, isCredentials, 1],
  ['the file in base64', 'c.b64', base64(credentials), isCredentials, 1],
  ['a Secret of it', 'secret.yaml', secret(`data:\n  c: ${base64(credentials)}`), isCredentials, 6],
  ['a Secret of it, encoded twice', 'secret.yaml', secret(`data:\n  c: ${base64(base64(pretty))}`), isCredentials, 6],
  ['a Secret of it, wrapped', 'secret.yaml', secret(`data:\n  c: |\n${wrapped(base64(pretty))}`), isCredentials, 7],
  ['a Secret with its text', 'secret.yaml', secret(`stringData:\n  c: |\n${indented(pretty)}`), isCredentials, 9],
  ['a Secret with its text in quotes', 'secret.yaml', secret(`stringData:\n  c: '${credentials}'`), isCredentials, 6],
  ['a token', 'token', `${token}\n`, isToken, 1],
  ['a token in a Secret', 'secret.yaml', secret(`data:\n  token: ${base64(token)}`), isToken, 6],
  ['a token in a script', 'set-up.sh', `#!/bin/sh\nexport OP_CONNECT_TOKEN="${token}"\n`, isToken, 2],
])('finds %s', async (_, path, text, why, line) => {
  expect(await look({ [path]: text })).toMatchObject([
    { about: path, why: `${why}, and the next git add would take it.`, at: { path, line } },
  ])
})

it('says what to do about what is tracked: it stays in the history', async () => {
  const [finding, ...more] = await look({}, { 'it is.json': credentials, '.gitignore': '*.json\n' })
  expect(more).toEqual([])
  expect(finding).toMatchObject({ about: 'it is.json', why: `${isCredentials}, and git tracks it.` })
  expect(finding && 'fix' in finding && finding.fix).toEqual([
    "git rm --cached 'it is.json' && echo '/it is.json' >> .gitignore",
    expect.stringContaining('op connect server create'),
    expect.any(String),
    'eso-bootstrap rotate-credentials --credentials <file> --token <source>',
  ])
})

it('is true for what git ignores, for what is encrypted, expired, cut off, or of another kind', async () => {
  const old = makeToken({ issuedAt: new Date('2020-01-01') }).reveal()
  const other = makeToken({ audience: ['kubernetes'] }).reveal()
  expect(
    await look({
      '.gitignore': 'mine/\n',
      'mine/1password-credentials.json': credentials,
      'secret.sops.yaml': secret('data:\n  c: ENC[AES256_GCM,data:abc,iv:def,tag:ghi,type:str]'),
      'docs.md': `{"encCredentials": "…"} and eyJhbGciOiJFUzI1NiIsImtpZCI6Ing and ${old} and ${other}`,
      'cut.json': credentials.slice(0, 200),
      'data.json': JSON.stringify({ encCredentials: {} }),
    }),
  ).toEqual([])
})

it('is not seen outside of a repository', async () => {
  await expect(noSecretInGit.look(filesWorld({}))).rejects.toThrow('no repository')
})
