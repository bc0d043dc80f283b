export type Files = Record<string, string>

export const eachText = (files: Files, change: (text: string, path: string) => string): Files =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [path, change(text, path)]))

/** Connect and the stores live, as if somebody had uncommented them. */
export function enabled(files: Files): Files {
  const commented = /^( *)# *- (\.?\/?(?:onepassword-connect|secretstores)\/?)$/gm
  return eachText(files, (text) => text.replace(commented, (_, indent: string, entry: string) => `${indent || '  '}- ${entry}`))
}

/** The first vault of each 1Password store renamed. */
export function withVault(files: Files, title: string): Files {
  return eachText(files, (text) =>
    text.replace(/^( +vaults:[^\n]*\n(?: *#[^\n]*\n)* +)[^\s:]+(?=:)/gm, (_, before: string) => before + title),
  )
}

/** Stores and ExternalSecrets written for another version of the API. */
export function withStoreApi(files: Files, version: string): Files {
  return eachText(files, (text) => text.replace(/\bexternal-secrets\.io\/v1(beta1)?\b/g, `external-secrets.io/${version}`))
}

/** Another version of the operator's chart. */
export function withChartVersion(files: Files, version: string): Files {
  return eachText(files, (text) => (isRelease(text) ? text.replace(/^( +version: ).*$/m, `$1${version}`) : text))
}

export function withoutCrds(files: Files): Files {
  return eachText(files, (text) => (isRelease(text) ? text.replace(/installCRDs: true/, 'installCRDs: false') : text))
}

const isRelease = (text: string) => text.includes('kind: HelmRelease')
const isFluxKustomization = (text: string) => /^apiVersion: kustomize\.toolkit\.fluxcd\.io/m.test(text)

/** Flux's own objects pointed at an OCI artifact. */
export function fromOci(files: Files): Files {
  return eachText(files, (text) => (isFluxKustomization(text) ? text.replaceAll('kind: GitRepository', 'kind: OCIRepository') : text))
}

/** Operator, Connect and stores in one Flux Kustomization: the layout that can't be applied to a new cluster. */
export function inOneKustomization(files: Files): Files {
  const live = enabled(files)
  const [path = ''] = Object.keys(live).filter(
    (each) => /^ *- \.?\/?secretstores\/?$/m.test(live[each] ?? '') && each.includes('external-secrets'),
  )
  const folder = path.replace(/\/[^/]+$/, '')
  const kept = Object.entries(live).filter(([, text]) => !isFluxKustomization(text))
  const list = (live[path] ?? '').replace(/^( *)- (\.?\/?onepassword-connect\/?)$/m, (whole, indent: string) => {
    return /- \.?\/?operator\/?$/m.test(live[path] ?? '') ? whole : `${indent}- operator\n${whole}`
  })
  const one = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: external-secrets
  namespace: flux-system
spec:
  interval: 10m
  path: ./${folder}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`
  return { ...Object.fromEntries(kept), [path]: list, 'clusters/sandbox/external-secrets.yaml': one }
}
