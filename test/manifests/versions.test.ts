import { describe, expect, it } from 'vitest'
import { type At, chooseVersions } from '../../src/manifests/versions.ts'
import { refused } from './refused.ts'

const brief = (at: At) => {
  const { eso, externalSecrets } = chooseVersions(at)
  return `${eso} ${externalSecrets.split('/')[1]}`
}

describe('the operator', () => {
  it.each<[row: string, at: At, wanted: string]>([
    ['nothing is known', {}, '2.9.x v1'],
    ['the newest Kubernetes', { kubernetes: 'v1.36.0' }, '2.9.x v1'],
    ['Kubernetes 1.35, as k3s writes it', { kubernetes: 'v1.35.2+k3s1' }, '2.8.x v1'],
    ['Kubernetes 1.34', { kubernetes: 'v1.34.1' }, '2.6.x v1'],
    ['an older Kubernetes', { kubernetes: 'v1.29.0' }, '2.6.x v1'],
    ['a version that says nothing', { kubernetes: 'unknown' }, '2.9.x v1'],
    ['no operator yet', { served: { externalSecrets: [] } }, '2.9.x v1'],
    ['v1 alone is served', { served: { externalSecrets: ['v1'] } }, '2.9.x v1'],
    ['both are served', { served: { externalSecrets: ['v1', 'v1beta1'] } }, '0.16.x v1'],
    ['v1beta1 alone is served, v1alpha1 beside it', { served: { externalSecrets: ['v1beta1', 'v1alpha1'] } }, '0.15.x v1beta1'],
    ['v1beta1 on an old Kubernetes', { served: { externalSecrets: ['v1beta1'] }, kubernetes: 'v1.30.0' }, '0.13.x v1beta1'],
    ['the old one, asked for', { esoVersion: '0.11.x' }, '0.11.x v1beta1'],
    ['a line', { esoVersion: '0.16' }, '0.16.x v1'],
    ['a release', { esoVersion: 'v0.20.4' }, '0.20.4 v1'],
    ['a star', { esoVersion: '2.0.*' }, '2.0.x v1'],
    ['the line of what is served', { esoVersion: '0.16.2', served: { externalSecrets: ['v1beta1'] } }, '0.16.2 v1beta1'],
  ])('%s', (_, at, wanted) => {
    expect(brief(at)).toBe(wanted)
  })

  it.each(['0.10.0', '3.0.0', '0.21.x', 'latest', '2', '', '2.9.0-rc1', '2.9.0; rm'])('%j is refused', (esoVersion) => {
    expect(refused(() => chooseVersions({ esoVersion }))).toMatchObject({
      id: 'eso-version-unknown',
      exit: 'usage',
      fix: ['eso-bootstrap init --scaffold --eso-version 2.9.x'],
    })
  })

  it('that does not serve what the cluster serves is refused', () => {
    expect(refused(() => chooseVersions({ esoVersion: '0.11.x', served: { externalSecrets: ['v1'] } }))).toMatchObject({
      id: 'eso-version-mismatch',
      exit: 'blocked',
      message: 'The cluster serves external-secrets.io v1, but chart 0.11.x brings v1beta1.',
    })
    expect(refused(() => chooseVersions({ served: { externalSecrets: ['v2'] } })).message).toBe(
      'The cluster serves external-secrets.io v2, which no known chart brings.',
    )
  })

  it('says what it is not tested on, and what is installed already', () => {
    expect(chooseVersions({ kubernetes: 'v1.36.0' }).notes).toEqual([])
    expect(chooseVersions({ kubernetes: 'v1.31.0' }).notes).toEqual([
      'External Secrets Operator 2.6 is tested on Kubernetes 1.34 and newer; this cluster is 1.31.',
    ])
    expect(chooseVersions({ served: { externalSecrets: ['v1'] } }).notes).toEqual([
      "External Secrets Operator is installed already: if it isn't 2.9, name its version with --eso-version.",
    ])
  })
})

describe('Connect', () => {
  it.each([
    [undefined, '1.8.2'],
    ['1.7.3', '1.7.3'],
    ['v1.8.3', '1.8.3'],
    ['1.5.6', '1.5.6'],
  ])('%s', (connectVersion, wanted) => {
    expect(chooseVersions(connectVersion === undefined ? {} : { connectVersion }).connect).toBe(wanted)
  })

  it.each(['1.5.5', '1.4.0', '2.0.0', '1.8', '1.8.x', 'latest', ''])('%j is refused', (connectVersion) => {
    expect(refused(() => chooseVersions({ connectVersion }))).toMatchObject({ id: 'connect-version-unknown', exit: 'usage' })
  })
})

describe("Flux's kinds", () => {
  it.each([
    [undefined, undefined, 'v2', 'v1'],
    [['v2', 'v2beta2', 'v2beta1'], ['v1', 'v1beta2'], 'v2', 'v1'],
    [['v2beta1', 'v2beta2'], ['v1beta2', 'v1beta1'], 'v2beta2', 'v1beta2'],
    [['v2beta1'], ['v1beta2'], 'v2beta1', 'v1beta2'],
  ])('%j and %j', (helmRelease, helmRepository, release, repository) => {
    const served = { ...(helmRelease && { helmRelease }), ...(helmRepository && { helmRepository }) }
    const versions = chooseVersions({ served })
    expect([versions.helmRelease, versions.helmRepository]).toEqual([
      `helm.toolkit.fluxcd.io/${release}`,
      `source.toolkit.fluxcd.io/${repository}`,
    ])
  })

  it('that are not served, or in no version that the templates know, are refused', () => {
    expect(refused(() => chooseVersions({ served: { helmRelease: [] } }))).toMatchObject({
      id: 'flux-version-unsupported',
      exit: 'blocked',
      message: 'The cluster has no HelmRelease.',
    })
    expect(refused(() => chooseVersions({ served: { kustomization: ['v1beta2'] } })).message).toBe(
      'The cluster serves Kustomization only as v1beta2.',
    )
  })
})
