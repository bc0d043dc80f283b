/** A Go module at a version, and the checksum of its contents: the `h1:` that go.sum would hold. */
export interface Module {
  path: string
  version: string
  sum: string
}

const externalSecrets = (version: string, sum: string): Module => ({ path: 'github.com/external-secrets/external-secrets', version, sum })

/**
 * The controllers of Flux 2.9.0, of which helm-controller is a patch newer: each the first of its minor for which the Go proxy has
 * all modules, so that their builds share what they depend on. Flux 2.10 needs Go 1.27. The newest External Secrets Operator is
 * 0.20: since 1.0 it is many modules that are only whole in its repository.
 */
export const modules = {
  'source-controller': {
    path: 'github.com/fluxcd/source-controller',
    version: 'v1.9.0',
    sum: 'h1:5msg2yyjVYDULZos+2ve8MZzcSqTpusiXmrOeBhc9yY=',
  },
  'kustomize-controller': {
    path: 'github.com/fluxcd/kustomize-controller',
    version: 'v1.9.0',
    sum: 'h1:WfM+bQUGUGW2qyrrTgh2bIVSZSPmc3JC7234K8NiTWQ=',
  },
  'helm-controller': {
    path: 'github.com/fluxcd/helm-controller',
    version: 'v1.6.1',
    sum: 'h1:b0XKTQCGlQy4nOGfEFMbn/e+/j9IMEHSDlKecbZkG9M=',
  },
  flux: { path: 'github.com/fluxcd/flux2/v2', version: 'v2.9.5', sum: 'h1:jwCccxvkD+2QnsjN+pl5QqM8KnFUwA8pIoQ1Lf0avkA=' },
  'external-secrets-0.20.4': externalSecrets('v0.20.4', 'h1:HhNAjWfFEshhItphr28SGsHzf2bUP7uDAOVLg76uNAg='),
  'external-secrets-0.16.2': externalSecrets('v0.16.2', 'h1:iNY+gIgSyL5higXTfnz+hdPCaiB/43UiHLqE7HBpj68='),
  'external-secrets-0.11.0': externalSecrets('v0.11.0', 'h1:1CjM69O2yrZkS/Lh79gM70ST195fefsE463zO+LWqPo='),
} satisfies Record<string, Module>

/** What the three controllers are a release of. */
export const fluxRelease = 'v2.9.0'

export type ModuleName = keyof typeof modules

/** The versions of External Secrets Operator that are there, the newest first. */
export const operatorVersions = ['0.20.4', '0.16.2', '0.11.0'] as const
export type OperatorVersion = (typeof operatorVersions)[number]
