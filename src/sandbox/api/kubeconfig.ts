/** A kubeconfig file for one user of the sandbox. Built by hand: it is eight values, all of them ours. */
export function kubeconfigText(at: { url: string; ca: string; user: string; token: string }): string {
  const authority = Buffer.from(at.ca).toString('base64')
  return `apiVersion: v1
kind: Config
current-context: sandbox
contexts:
  - name: sandbox
    context:
      cluster: sandbox
      user: ${JSON.stringify(at.user)}
clusters:
  - name: sandbox
    cluster:
      server: ${at.url}
      certificate-authority-data: ${authority}
users:
  - name: ${JSON.stringify(at.user)}
    user:
      token: ${JSON.stringify(at.token)}
`
}
