import { describe, expect, it } from 'vitest'
import { podOfValues } from '../../src/manifests/app-template.ts'
import { chartConsumer, chartOf, releaseNameOf } from '../../src/manifests/charts.ts'
import { consumerOf } from '../../src/manifests/consumer.ts'
import { objectsIn } from '../../src/manifests/documents.ts'
import { appTemplate } from './layouts.ts'

describe('the official Connect chart', () => {
  it.each(['2.2.1', 'v2.2.1', '=2.0.0', '1.17.1', '1.x', '^1.5.0', '~2.2.0', '2.2.x', '2.2', '2.2.1-beta.1'])(
    'reads the environment at %s',
    (version) => {
      expect(chartConsumer(version)).toBe('environment')
    },
  )

  it.each(['2.3.0', '2.4.1', '^2.3.0', '>=2.3.0', '~2.4', '2.10.0', '3.x', '3', '2.3.x'])('mounts a file at %s', (version) => {
    expect(chartConsumer(version)).toBe('file')
  })

  it.each([undefined, '', '*', '2.x', '2', '^2.0.0', '>= 1.13.0', '>2.2.1', '>=2.0.0 <3.0.0', 'latest'])(
    'may do either at %s',
    (version) => {
      expect(chartConsumer(version)).toBeUndefined()
    },
  )
})

describe('the chart of a HelmRelease', () => {
  it('stands in spec.chart', () => {
    expect(chartOf({ spec: { chart: { spec: { chart: 'connect', version: '2.4.1' } } } }, [])).toEqual({
      name: 'connect',
      version: '2.4.1',
    })
    expect(chartOf({ spec: { chart: { spec: { chart: './charts/connect/' } } } }, [])).toEqual({ name: 'connect' })
  })

  it('is that of the OCIRepository that chartRef names', () => {
    const release = { spec: { chartRef: { kind: 'OCIRepository', name: 'op' } } }
    const others = objectsIn(
      'kind: OCIRepository\nmetadata: { name: other }\n---\nkind: OCIRepository\nmetadata: { name: op }\nspec: { url: oci://r/charts/connect, ref: { tag: 2.4.1 } }\n',
    )
    expect(chartOf(release, others)).toEqual({ name: 'connect', version: '2.4.1' })
    expect(chartOf(release, [])).toEqual({ name: 'op' })
  })
})

const released = (yaml: string) => objectsIn(yaml)[0]?.object ?? {}
const consumerIn = (values: string) =>
  consumerOf(podOfValues(released(`kind: HelmRelease\nmetadata: { name: onepassword }\nspec:\n  values:\n${values}`)))

it.each([
  ['the object', '', 'eso'],
  ['the target namespace and the object', 'targetNamespace: security', 'security-eso'],
  ['what it says', 'targetNamespace: security, releaseName: mine', 'mine'],
])('a Helm release is called after %s', (_, spec, name) => {
  expect(releaseNameOf(released(`metadata: { name: eso }\nspec: { ${spec} }\n`))).toBe(name)
})

describe('app-template', () => {
  it('reads OP_SESSION from the Secret, by the name that Helm will give it', () => {
    expect(consumerOf(podOfValues(released(appTemplate)))).toMatchObject({
      consumer: 'environment',
      secret: { name: 'onepassword-secret', key: '1password-credentials.json' },
    })
  })

  it('knows the short form of a reference, and envFrom by name', () => {
    expect(
      consumerIn(
        '    controllers: { c: { containers: { api: { image: { repository: 1password/connect-api }, env: { OP_SESSION: { secretKeyRef: { name: s, key: k } } } } } } }\n',
      ),
    ).toMatchObject({ consumer: 'environment', secret: { name: 's', key: 'k' } })
    expect(
      consumerIn(
        '    controllers: { c: { containers: { api: { image: { repository: 1password/connect-api }, envFrom: [{ secret: s }] } } } }\n',
      ),
    ).toMatchObject({ secret: { name: 's', key: 'OP_SESSION' } })
  })

  it('mounts a Secret for all containers, or for one', () => {
    const values = (mounts: string) => `    controllers:
      op:
        containers:
          api: { image: { repository: 1password/connect-api }, env: { OP_SESSION: /c/1password-credentials.json } }
    persistence:
      credentials: { type: secret, name: s, ${mounts} }
`
    const file = { consumer: 'file', secret: { name: 's', key: '1password-credentials.json' } }
    expect(consumerIn(values('globalMounts: [{ path: /c }]'))).toMatchObject(file)
    expect(
      consumerIn(values('advancedMounts: { op: { api: [{ path: /c/1password-credentials.json, subPath: 1password-credentials.json }] } }')),
    ).toMatchObject(file)
    expect(consumerIn(values('advancedMounts: { op: { sync: [{ path: /c }] } }'))).toBeUndefined()
  })

  it('knows the single container of version 1, with its sidecars', () => {
    const one = '{ repository: 1password/connect-api }'
    expect(
      consumerIn(
        `    image: ${one}\n    env: [{ name: OP_SESSION, valueFrom: { secretKeyRef: { name: s, key: k } } }]\n    sidecars: { sync: { image: 1password/connect-sync:1.7.3, env: [{ name: OP_SESSION, valueFrom: { secretKeyRef: { name: s, key: k } } }] } }\n`,
      ),
    ).toMatchObject({ consumer: 'environment', secret: { name: 's', key: 'k' } })
  })
})
