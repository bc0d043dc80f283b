import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encryptionAtRest } from '../../../src/doctor/security/encryption.ts'
import { connectExposed } from '../../../src/doctor/security/exposed.ts'
import { networkPolicy } from '../../../src/doctor/security/network-policy.ts'
import { rbacNarrow } from '../../../src/doctor/security/rbac.ts'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { deployment, type Ground, namespace, openGround, operator, store } from '../cluster/ground.ts'
import { found } from '../worlds.ts'

const at = 'external-secrets'
const name = 'onepassword-connect'
let here: Ground
beforeEach(async () => {
  here = await openGround()
  here.put(namespace('kube-system'), deployment(name, { image: '1password/connect-api:1.8.1' }), store(), ...operator())
})
afterEach(() => here.close())

function object(apiVersion: string, kind: string, metadata: object, fields: object): KubernetesObject {
  return { apiVersion, kind, metadata: { name: 'it', namespace: at, ...metadata }, ...fields }
}

describe('network-policy', () => {
  const policy = (spec: object, metadata = {}) => object('networking.k8s.io/v1', 'NetworkPolicy', metadata, { spec })
  const none = [`Deployment ${at}/${name}: No NetworkPolicy selects its pods: every pod of the cluster can reach it.`]

  it.each<[string, string[], object, object?]>([
    ['is true where one selects all pods', [], { podSelector: {} }],
    [
      'is true where one selects by an expression',
      [],
      { podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: [name] }] } },
    ],
    ['finds that one is about other pods', none, { podSelector: { matchLabels: { app: 'other' } } }],
    [
      'finds that one excludes these pods',
      none,
      { podSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: [name] }] } },
    ],
    ['finds that one is about what goes out', none, { podSelector: {}, policyTypes: ['Egress'] }],
    ['finds that one is of another namespace', none, { podSelector: {} }, { namespace: 'flux-system' }],
  ])('%s', async (_, expected, spec, metadata) => {
    here.put(policy(spec, metadata))
    expect(found(await networkPolicy.look(here.world()))).toEqual(expected)
  })
})

describe('connect-exposed', () => {
  const service = (spec: object, metadata = {}) =>
    object('v1', 'Service', { name, ...metadata }, { spec: { selector: { app: name }, ports: [{ port: 8080 }], ...spec } })
  const ingress = (to: string) => object('networking.k8s.io/v1', 'Ingress', {}, { spec: { defaultBackend: { service: { name: to } } } })

  it('is true of a ClusterIP, of other Services, and of an Ingress to those', async () => {
    here.put(service({}), service({ type: 'NodePort', selector: { app: 'other' } }, { name: 'other' }), ingress('other'))
    expect(await connectExposed.look(here.world())).toEqual([])
  })

  it.each<[string, object, object, RegExp]>([
    ['a load balancer', { type: 'LoadBalancer' }, {}, /LoadBalancer.*at its address/],
    [
      'an internal load balancer',
      { type: 'LoadBalancer' },
      { annotations: { 'networking.gke.io/load-balancer-type': 'Internal' } },
      /outside of the cluster: the load balancer is an internal one/,
    ],
    ['a port of the nodes', { type: 'NodePort' }, {}, /NodePort/],
    ['external addresses', { externalIPs: ['192.0.2.1'] }, {}, /externalIPs/],
  ])('finds %s', async (_, spec, metadata, why) => {
    here.put(service(spec, metadata))
    expect(found(await connectExposed.look(here.world()))).toEqual([expect.stringMatching(why)])
  })

  it('finds an Ingress', async () => {
    here.put(service({}), ingress(name))
    expect(found(await connectExposed.look(here.world()))).toEqual([expect.stringContaining(`Ingress ${at}/it: It leads to`)])
  })
})

describe('rbac-narrow', () => {
  const all = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] }
  const authenticated = { kind: 'Group', name: 'system:authenticated' }
  const bound = (subject: object, rule: object, role = 'reader') =>
    here.put(
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: role }, rules: [rule] },
      object('rbac.authorization.k8s.io/v1', 'RoleBinding', {}, { roleRef: { kind: 'ClusterRole', name: role }, subjects: [subject] }),
    )

  it.each<[string, boolean, object, object, string?]>([
    ['everybody', true, authenticated, all],
    ['wildcards', true, authenticated, { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    ['the default ServiceAccount', true, { kind: 'ServiceAccount', name: 'default', namespace: at }, { ...all, verbs: ['list'] }, 'other'],
    ['a rule that names the token', true, authenticated, { ...all, resourceNames: ['onepassword-connect-token'] }],
    ['a rule that names another Secret', false, authenticated, { ...all, resourceNames: ['other'] }],
    ['somebody who may create', false, authenticated, { ...all, verbs: ['create'] }],
    ['the administrators', false, { kind: 'Group', name: 'system:masters' }, all],
    ['one ServiceAccount', false, { kind: 'ServiceAccount', name: 'one', namespace: at }, all],
    ['what Kubernetes brings', false, authenticated, all, 'system:reader'],
  ])('of %s: %s', async (_, isFound, subject, rule, role) => {
    here.put(...operator('2.9.0').map((each) => ({ ...each, spec: withAccount(each, 'external-secrets') })))
    bound(subject, rule, role)
    expect(found(await rbacNarrow.look(here.world()))).toHaveLength(isFound ? 1 : 0)
  })

  it("lets the operator's own ServiceAccount read, by whichever name", async () => {
    bound({ kind: 'ServiceAccount', name: 'default', namespace: at }, all)
    expect(await rbacNarrow.look(here.world())).toEqual([])
  })
})

function withAccount(each: KubernetesObject, serviceAccountName: string): object {
  const { template, ...spec } = each['spec']
  return { ...spec, template: { ...template, spec: { ...template.spec, serviceAccountName } } }
}

describe('encryption-at-rest', () => {
  const server = (...command: string[]) =>
    object(
      'v1',
      'Pod',
      { name: 'api', namespace: 'kube-system', labels: { component: 'kube-apiserver' } },
      {
        spec: { containers: [{ name: 'kube-apiserver', command: ['kube-apiserver', ...command] }] },
      },
    )

  it('is not seen without pods of the API server, and without their options', async () => {
    expect(await encryptionAtRest.look(here.world())).toMatchObject([{ notSeen: 'encryption at rest' }])
    here.put(server())
    expect(await encryptionAtRest.look(here.world())).toMatchObject([{ notSeen: 'encryption at rest' }])
  })

  it('finds that it is off, and that it is on', async () => {
    here.put(server('--etcd-servers=x'))
    expect(await encryptionAtRest.look(here.world())).toMatchObject([{ about: 'Pod kube-system/api' }])
    here.put(server('--etcd-servers=x', '--encryption-provider-config=/x'))
    expect(await encryptionAtRest.look(here.world())).toEqual([])
  })
})
