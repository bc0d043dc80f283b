import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Adds applications to a GitOps repository until it has this many YAML files: each a folder with a kustomization and nine manifests. */
export function grow(root, from, to) {
  for (let nth = Math.floor(from / 10); nth < Math.ceil(to / 10); nth++) {
    const folder = join(root, 'apps', `team-${nth % 40}`, `app-${nth}`)
    mkdirSync(folder, { recursive: true })
    const names = Array.from({ length: 9 }, (_, at) => `part-${at}.yaml`)
    writeFileSync(
      join(folder, 'kustomization.yaml'),
      `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${names.map((name) => `  - ${name}\n`).join('')}`,
    )
    for (const [at, name] of names.entries())
      writeFileSync(join(folder, name), at === 0 ? externalSecret(nth) : deployment(`app-${nth}-${at}`))
  }
}

const externalSecret = (nth) => `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: app-${nth}
spec:
  refreshInterval: 1h
  secretStoreRef: { kind: ClusterSecretStore, name: onepassword }
  data:
    - secretKey: password
      remoteRef: { key: app-${nth}, property: password }
`

const deployment = (name) => `# What runs.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    app.kubernetes.io/name: ${name}
spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${name}
    spec:
      containers:
        - name: main
          image: registry.example.com/${name}:1.0.0
          ports:
            - containerPort: 8080
          resources:
            requests:
              cpu: 10m
              memory: 64Mi
`
