import { describe, expect, it } from 'vitest'
import type { Check, Finding } from '../../src/doctor/check.ts'
import type { Result } from '../../src/doctor/diagnose.ts'
import { annotations } from '../../src/terminal/doctor-github.ts'
import { doctorReport, judge, told } from '../../src/terminal/doctor-report.ts'
import { sarifOf } from '../../src/terminal/doctor-sarif.ts'
import { renderExamination, renderExplanation } from '../../src/terminal/doctor-screen.ts'
import { styleOf } from '../../src/terminal/style.ts'
import { schemaNamed } from '../commands/reports.ts'

const at = new Date('2026-03-01T09:00:00Z')
const io = { env: {}, home: '/home/me', cwd: '/home/me/homelab' }

function check(id: string, more: Partial<Check> = {}): Check {
  const page = { symptom: 'It shows.', cause: 'It is so.', fix: 'Do it.', sources: ['https://example.com/a'] }
  return {
    id,
    category: 'token',
    title: `the ${id} holds`,
    severity: 'error',
    needs: [],
    page,
    looksAt: 'files',
    look: async () => [],
    ...more,
  } as Check
}

function result(
  id: string,
  is: Result['is'],
  more: Partial<Result> & { severity?: Check['severity']; category?: Check['category'] } = {},
): Result {
  const { severity = 'error', category = 'token', ...rest } = more
  return { check: check(id, { severity, category }), is, findings: [], notSeen: [], ...rest }
}

const refused: Finding = {
  about: 'Secret external-secrets/onepassword-connect-token',
  why: 'Connect refuses the token: it was revoked, it has expired, or it belongs to another Connect server.',
  fix: ['eso-bootstrap rotate-token --token <source>'],
}
const slash: Finding = {
  about: 'ClusterSecretStore onepassword',
  why: 'connectHost ends with a slash.',
  fix: ['Take it away.'],
  at: { path: 'apps/a,b 100%.yaml', line: 9 },
}
const advice: Finding = { about: 'namespace external-secrets', why: 'No NetworkPolicy.', fix: ['https://example.com'], severity: 'advice' }

const examination = {
  at,
  cluster: { context: 'homelab', server: 'https://10.0.0.5:6443' },
  repository: { root: '/home/me/homelab', branch: 'main' },
  results: [
    result('connect-exposed', 'found', {
      category: 'security',
      severity: 'warning',
      findings: [advice, { ...slash, severity: 'warning' }],
    }),
    result('token-secret', 'true'),
    result('token-accepted', 'found', { findings: [refused] }),
    result('stores-ready', 'skipped', { category: 'stores', because: 'token-accepted' }),
    result('webhook-answers', 'not-seen', {
      category: 'operator',
      notSeen: [{ notSeen: 'the webhook', why: 'You may not list services.' }],
    }),
    result('crds-served', 'not-seen', { category: 'operator', notSeen: [{ notSeen: 'the CRDs', why: 'You may not list services.' }] }),
  ],
}

const screen = (verbose = false, columns = 80) =>
  renderExamination(examination, { io, style: styleOf(io as never, { columns }, true), verbose })

describe('the screen', () => {
  it('names errors first, then warnings and advice, and what could not be looked at', () => {
    expect(screen()).toMatchInlineSnapshot(`
      "cluster     homelab  https://10.0.0.5:6443
      repository  ~/homelab  main

      operator    ? 2 not looked at
      token       ✔ 1 true  ✖ 1 error
      stores      – 1 skipped
      security    ! 1 warning  · 1 advice

      ✖ Secret external-secrets/onepassword-connect-token  token-accepted
        Connect refuses the token: it was revoked, it has expired, or it belongs to
        another Connect server.
        → eso-bootstrap rotate-token --token <source>

      ! ClusterSecretStore onepassword (apps/a,b 100%.yaml:9)  connect-exposed
        connectHost ends with a slash.
        → Take it away.

      · namespace external-secrets  connect-exposed
        No NetworkPolicy.
        → https://example.com

      ? Not looked at: webhook-answers, crds-served. You may not list services.

      1 error and 1 warning.
      More on each: eso-bootstrap doctor --explain token-accepted
      "
    `)
    expect(
      screen()
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([])
  })

  it('lists every check with --verbose', () => {
    expect(screen(true)).toMatchInlineSnapshot(`
      "cluster     homelab  https://10.0.0.5:6443
      repository  ~/homelab  main

      ! the connect-exposed holds  connect-exposed
      ✔ the token-secret holds  token-secret
      ✖ the token-accepted holds  token-accepted
      – the stores-ready holds  stores-ready
          skipped: see token-accepted
      ? the webhook-answers holds  webhook-answers
          You may not list services.
      ? the crds-served holds  crds-served
          You may not list services.

      ✖ Secret external-secrets/onepassword-connect-token  token-accepted
        Connect refuses the token: it was revoked, it has expired, or it belongs to
        another Connect server.
        → eso-bootstrap rotate-token --token <source>

      ! ClusterSecretStore onepassword (apps/a,b 100%.yaml:9)  connect-exposed
        connectHost ends with a slash.
        → Take it away.

      · namespace external-secrets  connect-exposed
        No NetworkPolicy.
        → https://example.com

      1 error and 1 warning.
      More on each: eso-bootstrap doctor --explain token-accepted
      "
    `)
  })

  it('fits into 40 columns', () => {
    const long = screen(false, 40)
      .split('\n')
      .filter((line) => line.length > 40 && !line.includes('→'))
    expect(long).toEqual(['cluster     homelab  https://10.0.0.5:6443', 'More on each: eso-bootstrap doctor --explain token-accepted'])
  })

  it('explains one check', () => {
    expect(
      renderExplanation(check('token-kind', { needs: ['token-secret'] }), styleOf(io as never, { columns: 60 }, true)),
    ).toMatchInlineSnapshot(`
      "token-kind
        True where nothing is wrong: the token-kind holds.

      How it shows
        It shows.

      Why
        It is so.

      What to do
        Do it.

      Skipped while one of these is wrong
        token-secret

      Sources
        https://example.com/a
        https://github.com/eso-bootstrap/eso-bootstrap/blob/main/docs/checks.md#token-kind
      "
    `)
  })
})

describe('the judgement', () => {
  const of = (...results: Result[]) => judge({ results })
  it.each<[string, Result[], string, number]>([
    ['well', [result('a', 'true'), result('b', 'found', { findings: [advice] })], 'well', 0],
    ['only partly seen', [result('a', 'true'), result('b', 'not-seen', { notSeen: [{ notSeen: 'it', why: 'No.' }] })], 'partly', 0],
    ['a warning', [result('a', 'found', { findings: [{ ...refused, severity: 'warning' }] })], 'warnings', 0],
    ['an error', examination.results, 'errors', 3],
    ['nothing seen', [result('a', 'not-seen'), result('b', 'skipped')], 'unseen', 3],
  ])('of %s', (_, results, verdict, exitCode) => {
    expect(of(...results)).toEqual({ verdict, exitCode })
  })
})

describe('-o json', () => {
  const validate = schemaNamed('doctor')
  it('is what the schema says, without what only a repair needs', () => {
    const mended = { ...slash, repair: { says: 'take the slash away', needs: [], make: async () => 'done' } }
    const report = doctorReport({ at, results: [...examination.results, result('host', 'found', { findings: [mended] })] }, [
      { check: 'host', about: 'it', says: 'take the slash away', is: 'failed', outcome: 'No.' },
    ])
    const document = JSON.parse(JSON.stringify(report))
    validate(document)
    expect(validate.errors).toBeNull()
    expect(document).toMatchObject({ verdict: 'errors', exitCode: 5 })
    expect(document.checks.at(-1).findings).toEqual([{ ...slash, severity: 'error', repair: 'take the slash away' }])
    expect(document.checks[3]).toMatchObject({
      is: 'skipped',
      because: 'token-accepted',
      page: expect.stringMatching(/checks\.md#stores-ready$/),
    })
  })
})

describe('-o github', () => {
  it('is a workflow command for each finding, escaped as they are', () => {
    expect(annotations(told(examination))).toBe(
      [
        '::error title=token-accepted::Secret external-secrets/onepassword-connect-token: Connect refuses the token: it was revoked, it has expired, or it belongs to another Connect server.%0A→ eso-bootstrap rotate-token --token <source>%0Ahttps://github.com/eso-bootstrap/eso-bootstrap/blob/main/docs/checks.md#token-accepted',
        '::warning file=apps/a%2Cb 100%25.yaml,line=9,title=connect-exposed::ClusterSecretStore onepassword: connectHost ends with a slash.%0A→ Take it away.%0Ahttps://github.com/eso-bootstrap/eso-bootstrap/blob/main/docs/checks.md#connect-exposed',
        '::notice title=connect-exposed::namespace external-secrets: No NetworkPolicy.%0A→ https://example.com%0Ahttps://github.com/eso-bootstrap/eso-bootstrap/blob/main/docs/checks.md#connect-exposed',
        '',
      ].join('\n'),
    )
  })
})

describe('-o sarif', () => {
  const [run] = sarifOf(examination).runs
  it('has a rule for each check, and a result for each finding that points to it', () => {
    const { rules = [] } = run?.tool.driver ?? {}
    expect(rules.map(({ id }) => id)).toEqual(examination.results.map((each) => each.check.id))
    expect(run?.results?.map(({ ruleId, ruleIndex = -1, level }) => [ruleId, rules[ruleIndex]?.id, level])).toEqual([
      ['token-accepted', 'token-accepted', 'error'],
      ['connect-exposed', 'connect-exposed', 'warning'],
      ['connect-exposed', 'connect-exposed', 'note'],
    ])
  })

  it('places what is in a file', () => {
    expect(run?.results?.[1]?.locations).toEqual([
      {
        physicalLocation: { artifactLocation: { uri: 'apps/a,b%20100%25.yaml', uriBaseId: '%SRCROOT%' }, region: { startLine: 9 } },
        logicalLocations: [{ fullyQualifiedName: 'ClusterSecretStore onepassword', kind: 'resource' }],
      },
    ])
  })

  it('knows a finding again when its line has moved', () => {
    const moved = structuredClone({ ...slash, at: { path: 'apps/a,b 100%.yaml', line: 90 }, severity: 'warning' as const })
    const [first] = sarifOf({ results: [result('connect-exposed', 'found', { findings: [moved] })] }).runs
    expect(first?.results?.[0]?.partialFingerprints).toEqual(run?.results?.[1]?.partialFingerprints)
    expect(run?.results?.[0]?.partialFingerprints).not.toEqual(run?.results?.[1]?.partialFingerprints)
  })
})
