/** A 1Password store whose `vaults` are these lines, indented as they stand. */
export function storeText(vaults: string, kind = 'ClusterSecretStore'): string {
  return `apiVersion: external-secrets.io/v1
kind: ${kind}
metadata:
  name: onepassword
spec:
  provider:
    onepassword:
      connectHost: http://onepassword-connect.external-secrets.svc.cluster.local:8080
${vaults}      auth:
        secretRef:
          connectTokenSecretRef:
            name: onepassword-connect-token
            key: token
`
}

/** The same in block style: one line for each pair. */
export function withVaults(...pairs: string[]): string {
  return storeText(`      vaults:\n${pairs.map((pair) => `        ${pair}\n`).join('')}`)
}
