const base = 'infrastructure/base/external-secrets'

interface TreeOptions {
  apiVersion?: string
  version?: string
  vault?: string
  /** As a mounted file instead of an environment variable. */
  mounted?: boolean
}

/** The seed's layout as people have it before a bootstrap: the operator live, Connect and the stores commented out. */
export function seedTree({ apiVersion = 'external-secrets.io/v1', version = '2.x', vault = 'homelab', mounted = false }: TreeOptions = {}) {
  return {
    'clusters/sandbox/external-secrets.yaml': `${flux('external-secrets-operator', `${base}/operator`)}---\n${flux('external-secrets', base, 'external-secrets-operator')}`,
    [`${base}/namespace.yaml`]: 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: external-secrets\n',
    [`${base}/kustomization.yaml`]: kustomization('namespace.yaml', '# onepassword-connect', '# secretstores'),
    [`${base}/operator/kustomization.yaml`]: kustomization('helmrepository.yaml', 'helmrelease.yaml'),
    [`${base}/operator/helmrepository.yaml`]: `apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata:
  name: external-secrets
  namespace: flux-system
spec:
  interval: 12h
  url: https://charts.external-secrets.io
`,
    [`${base}/operator/helmrelease.yaml`]: `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: external-secrets
  namespace: flux-system
spec:
  interval: 10m
  releaseName: external-secrets
  targetNamespace: external-secrets
  install:
    createNamespace: true
  chart:
    spec:
      chart: external-secrets
      version: ${version}
      sourceRef:
        kind: HelmRepository
        name: external-secrets
  values:
    installCRDs: true
`,
    [`${base}/onepassword-connect/kustomization.yaml`]: kustomization('deployment.yaml', 'service.yaml'),
    [`${base}/onepassword-connect/deployment.yaml`]: deployment(mounted),
    [`${base}/onepassword-connect/service.yaml`]: `apiVersion: v1
kind: Service
metadata:
  name: onepassword-connect
  namespace: external-secrets
spec:
  selector:
    app: onepassword-connect
  ports:
    - name: http
      port: 8080
      targetPort: http
`,
    [`${base}/secretstores/kustomization.yaml`]: kustomization('onepassword-secretstore.yaml', 'example-externalsecret.yaml'),
    [`${base}/secretstores/onepassword-secretstore.yaml`]: `apiVersion: ${apiVersion}
kind: ClusterSecretStore
metadata:
  name: onepassword
spec:
  provider:
    onepassword:
      connectHost: http://onepassword-connect.external-secrets.svc.cluster.local:8080
      vaults:
        ${vault}: 1
      auth:
        secretRef:
          connectTokenSecretRef:
            name: onepassword-connect-token
            namespace: external-secrets
            key: token
`,
    [`${base}/secretstores/example-externalsecret.yaml`]: `apiVersion: ${apiVersion}
kind: ExternalSecret
metadata:
  name: example
  namespace: external-secrets
spec:
  refreshInterval: 1h
  secretStoreRef:
    name: onepassword
    kind: ClusterSecretStore
  target:
    name: example
  data:
    - secretKey: api-key
      remoteRef:
        key: my-app-credentials
        property: api-key
`,
  }
}

/** The two entries live, as `init` leaves them. */
export const live = { [`${base}/kustomization.yaml`]: kustomization('namespace.yaml', 'onepassword-connect', 'secretstores') }

function kustomization(...resources: string[]): string {
  const lines = resources.map((each) => (each.startsWith('# ') ? `  # - ${each.slice(2)}` : `  - ${each}`))
  return `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${lines.join('\n')}\n`
}

function flux(name: string, path: string, dependsOn?: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 10m
  timeout: 10m
  path: ./${path}
  prune: true
  wait: true
  sourceRef:
    kind: GitRepository
    name: flux-system
${dependsOn ? `  dependsOn:\n    - name: ${dependsOn}\n` : ''}`
}

function deployment(mounted: boolean): string {
  const env = `
            - name: OP_SESSION
              valueFrom:
                secretKeyRef:
                  name: onepassword-connect-secret
                  key: 1password-credentials.json`
  const file = `
            - name: OP_SESSION
              value: /credentials/1password-credentials.json
          volumeMounts:
            - name: credentials
              mountPath: /credentials`
  const volumes = `
      volumes:
        - name: credentials
          secret:
            secretName: onepassword-connect-secret`
  const container = (name: string) => `
        - name: connect-${name}
          image: docker.io/1password/connect-${name}:1.8.2${name === 'api' ? '\n          ports:\n            - name: http\n              containerPort: 8080' : ''}
          env:${mounted ? file : env}`
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: onepassword-connect
  namespace: external-secrets
spec:
  replicas: 1
  selector:
    matchLabels:
      app: onepassword-connect
  template:
    metadata:
      labels:
        app: onepassword-connect
    spec:
      containers:${container('api')}${container('sync')}${mounted ? volumes : ''}
`
}
