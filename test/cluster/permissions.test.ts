import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import type { Rule } from '../../src/sandbox/api/access.ts'
import { withChartVersion, withStoreApi } from '../../src/sandbox/scenarios/files.ts'
import type { Flags } from '../commands/init/stage.ts'
import { seed, templates } from '../commands/init/trees.ts'
import { always, manifests, proof } from '../docs/roles.ts'
import { grant } from './rbac.ts'
import { type ClusterStage, openClusterStage } from './stage.ts'

/** One verb of one rule: what the page could do without. */
interface Line {
  says: string
  verb: string
  resource: string
  /** All rules of the page but this line. */
  without: Rule[]
}

function linesOf(rules: readonly Rule[]): Line[] {
  return rules.flatMap((rule) =>
    rule.verbs.map((verb) => {
      const resource = [rule.resources?.[0], rule.apiGroups?.[0]].filter(Boolean).join('.')
      const rest = rule.verbs.filter((each) => each !== verb)
      const where = rule.namespaces?.[0] ?? 'the cluster'
      const names = rule.resourceNames ? ` (${rule.resourceNames.length} by name)` : ''
      return {
        says: `${verb} ${resource}${names} in ${where}`,
        verb,
        resource,
        without: rules.flatMap((each) => (each !== rule ? each : rest.length > 0 ? { ...rule, verbs: rest } : [])),
      }
    }),
  )
}

/** What is asked of init, and what the page says that it takes. */
interface Request {
  flags: Flags
  rules: Rule[]
}

/** Where layouts and states differ in what they ask for, as in test/docs/permissions.test.ts; the last request is carried out. */
const situations: { says: string; requests: [...Request[], Request]; options(): Promise<Parameters<typeof openClusterStage>[1]> }[] = [
  {
    says: 'the operator beside Connect, and a proof',
    requests: [
      { flags: {}, rules: always },
      { flags: { 'verify-item': 'my-app-credentials/api-key' }, rules: [...always, ...proof] },
    ],
    options: async () => ({ files: withChartVersion(withStoreApi(await seed(), 'v1'), '0.20.4') }),
  },
  {
    says: 'the operator beside Flux, and credentials to be replaced',
    requests: [{ flags: { 'take-ownership': true }, rules: always }],
    options: async () => ({ scenario: 'wrong-encoding', files: await templates() }),
  },
]

/** A line for one namespace says nothing where another grants the same in all of them. */
const everywhere = linesOf(always.filter(({ namespaces }) => namespaces === undefined)).map(({ verb, resource }) => `${verb} ${resource}`)
const isCovered = ({ says, verb, resource }: Line) => !says.includes('the cluster') && everywhere.includes(`${verb} ${resource}`)
const unneeded = new Set(
  linesOf([...always, ...proof])
    .filter((line) => !isCovered(line))
    .map(({ says }) => says),
)

describe.each(situations)('$says', ({ requests, options }) => {
  let stage: ClusterStage
  beforeAll(async () => {
    stage = await openClusterStage(['operator 0.20.4', 'Flux 2.9'], await options())
  })
  afterAll(() => stage?.close())

  test('without a line that it needs, init says what is missing, and changes nothing', async () => {
    for (const { flags, rules } of requests) {
      for (const line of linesOf(rules).filter(({ says }) => unneeded.has(says))) {
        const user = `without ${line.says.replaceAll(/[()]/g, '')} for ${Object.keys(flags)}`.replaceAll(/[ ,]+/g, '-')
        await grant(stage.client, user, line.without)
        const { code, stderr, stdout } = await stage.init({ ...flags, 'dry-run': true }, await stage.plane.asUser(user))
        if (code === 0) continue
        const said = `${stderr} ${stdout}`.replace(/\s+/g, ' ')
        expect([line.says, code, said]).toEqual([line.says, 4, expect.stringMatching(/may not /)])
        for (const part of [line.verb, line.resource]) expect([line.says, said]).toEqual([line.says, expect.stringContaining(part)])
        unneeded.delete(line.says)
      }
    }
  }, 300_000)

  test('what the page lists is enough, for the ServiceAccount that it makes', async () => {
    const { flags, rules } = requests.at(-1) as Request
    const texts = rules === always ? manifests.slice(0, 1) : manifests.slice(0, 2)
    for (const text of texts) for (const document of parseAllDocuments(text)) await paste(document.toJS())
    const { code, stdout, stderr } = await stage.init(flags, await kubeconfigOfServiceAccount())
    await stage.settled()
    expect([code, stdout, stderr]).toEqual([0, expect.anything(), expect.not.stringContaining('may not')])
  })

  async function paste(object: KubernetesObject): Promise<void> {
    const { namespace, name } = object.metadata
    const root = object.apiVersion === 'v1' ? '/api/v1' : `/apis/${object.apiVersion}`
    const path = `${root}${namespace ? `/namespaces/${namespace}` : ''}/${object.kind.toLowerCase()}s/${name}`
    const reply = await stage.client.apply(path, object, 'somebody')
    expect([path, reply.status]).toEqual([path, 201])
  }

  /** As `kubectl create token` does. */
  async function kubeconfigOfServiceAccount(): Promise<string> {
    const path = '/api/v1/namespaces/flux-system/serviceaccounts/eso-bootstrap/token'
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } }
    const reply = await stage.client.send('POST', path, { body })
    expect(reply.status).toBe(201)
    const config = JSON.parse(stage.plane.kubeconfig)
    return JSON.stringify({ ...config, users: [{ name: 'admin', user: { token: reply.object['status'].token } }] })
  }
})

test('the page lists nothing that is never needed', () => {
  expect([...unneeded]).toEqual([])
})
