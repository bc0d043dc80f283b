/** Repositories as people have them, as path → text. Written for these tests after what is common in public ones. */
export type Files = Record<string, string>

export const base = 'infrastructure/base/external-secrets'

export function store(kind = 'ClusterSecretStore', host = 'http://onepassword-connect.external-secrets.svc.cluster.local:8080'): string {
  return `apiVersion: external-secrets.io/v1beta1
kind: ${kind}
metadata:
  name: onepassword
spec:
  provider:
    onepassword:
      connectHost: ${host}
      vaults:
        homelab: 1 # Replace '1' with your actual vault ID
      auth:
        secretRef:
          connectTokenSecretRef:
            name: onepassword-connect-token
            key: token
${kind === 'ClusterSecretStore' ? '            namespace: external-secrets\n' : ''}`
}

export const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: onepassword-connect
  namespace: external-secrets
spec:
  selector: { matchLabels: { app: onepassword-connect } }
  template:
    metadata: { labels: { app: onepassword-connect } }
    spec:
      containers:
        - name: connect-api
          image: 1password/connect-api:1.7.3
          env: &env
            - name: OP_SESSION
              valueFrom: { secretKeyRef: { name: onepassword-connect-secret, key: 1password-credentials.json } }
        - name: connect-sync
          image: 1password/connect-sync:1.7.3
          env: *env
`

export function helmRelease(chart: string, version: string, name = chart): string {
  return `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: ${name}, namespace: external-secrets }
spec:
  interval: 30m
  chart: { spec: { chart: ${chart}, version: "${version}", sourceRef: { kind: HelmRepository, name: ${chart} } } }
`
}

export function fluxKustomization(name: string, path: string, more = ''): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: flux-system }
spec:
  interval: 10m
  path: ${path}
  prune: true
  sourceRef: { kind: GitRepository, name: flux-system }
${more}`
}

const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: external-secrets }\n'
const listing = (...entries: string[]) => `resources:\n${entries.map((each) => `  - ${each}\n`).join('')}`

/** One Kustomization for all; Connect and the stores wait, commented out. */
export function seed(): Files {
  return {
    'clusters/home/infrastructure.yaml': fluxKustomization('infrastructure', './infrastructure/base'),
    'infrastructure/base/kustomization.yaml': listing('external-secrets'),
    [`${base}/kustomization.yaml`]: `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - namespace.yaml
  - operator
  # Uncomment when the credentials are ready
  # - onepassword-connect
  # - secretstores
`,
    [`${base}/namespace.yaml`]: namespace,
    [`${base}/operator/kustomization.yaml`]: listing('helmrepository.yaml', 'helmrelease.yaml'),
    [`${base}/operator/helmrepository.yaml`]:
      'apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: { name: external-secrets, namespace: external-secrets }\nspec: { url: https://charts.external-secrets.io }\n',
    [`${base}/operator/helmrelease.yaml`]: helmRelease('external-secrets', '0.11.x'),
    [`${base}/onepassword-connect/kustomization.yaml`]: listing('deployment.yaml', 'service.yaml'),
    [`${base}/onepassword-connect/deployment.yaml`]: deployment,
    [`${base}/onepassword-connect/service.yaml`]:
      'apiVersion: v1\nkind: Service\nmetadata: { name: onepassword-connect, namespace: external-secrets }\n',
    [`${base}/secretstores/kustomization.yaml`]: listing('onepassword-secretstore.yaml', 'example-externalsecret.yaml'),
    [`${base}/secretstores/onepassword-secretstore.yaml`]: `${store()}\n---\n${store('SecretStore')}`,
    [`${base}/secretstores/example-externalsecret.yaml`]:
      'apiVersion: external-secrets.io/v1beta1\nkind: ExternalSecret\nmetadata: { name: example, namespace: external-secrets }\nspec: { secretStoreRef: { name: onepassword, kind: ClusterSecretStore } }\n',
  }
}

/** The same repository nine months on: split in two Flux Kustomizations, the namespace elsewhere. */
export function catalyst(): Files {
  const files = seed()
  delete files[`${base}/namespace.yaml`]
  delete files['infrastructure/base/kustomization.yaml']
  delete files['clusters/home/infrastructure.yaml']
  return {
    ...files,
    'clusters/catalyst-cluster/kustomization.yaml': listing('external-secrets.yaml', 'namespaces.yaml'),
    'clusters/catalyst-cluster/namespaces.yaml': fluxKustomization('namespaces', './infrastructure/base/namespaces'),
    'clusters/catalyst-cluster/external-secrets.yaml': `${fluxKustomization('external-secrets-operator', `./${base}/operator`, '  wait: true\n  dependsOn: [{ name: namespaces }]\n')}---\n${fluxKustomization('external-secrets', `./${base}`, '  wait: true\n  dependsOn: [{ name: external-secrets-operator }]\n')}`,
    'infrastructure/base/namespaces/kustomization.yaml': listing('external-secrets.yaml'),
    'infrastructure/base/namespaces/external-secrets.yaml': namespace,
    [`${base}/kustomization.yaml`]: `---
# The operator has a Kustomization of its own.
resources:
  - onepassword-connect
  - secretstores
  - jobs
  - ghcr-pull-secret
`,
    [`${base}/jobs/kustomization.yaml`]: 'resources: []\n',
    [`${base}/ghcr-pull-secret/kustomization.yaml`]: 'resources: []\n',
  }
}

/** A ks.yaml for each app, in the manner of cluster-template; the folder above lists them and the line of Connect is off. */
export function appTree(line = '  # - ./onepassword/ks.yaml'): Files {
  const apps = 'kubernetes/apps/external-secrets'
  const ks = (app: string, more = '') => `---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: &app ${app}
  namespace: &namespace external-secrets
spec:
  targetNamespace: *namespace
  path: ./${apps}/${app}/app
  commonMetadata: { labels: { app.kubernetes.io/name: *app } }
  sourceRef: { kind: GitRepository, name: flux-system, namespace: flux-system }
${more}`
  return {
    'kubernetes/flux/cluster/ks.yaml': fluxKustomization('cluster-apps', './kubernetes/apps'),
    [`${apps}/kustomization.yaml`]: `---\nnamespace: external-secrets\nresources:\n  - ./namespace.yaml\n  - ./external-secrets/ks.yaml\n${line}\n`,
    [`${apps}/namespace.yaml`]: 'apiVersion: v1\nkind: Namespace\nmetadata: { name: _ }\n',
    [`${apps}/external-secrets/ks.yaml`]: ks('external-secrets', '  wait: true\n'),
    [`${apps}/external-secrets/app/kustomization.yaml`]: listing('./helmrelease.yaml', './ocirepository.yaml'),
    [`${apps}/external-secrets/app/helmrelease.yaml`]:
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: external-secrets }\nspec: { chartRef: { kind: OCIRepository, name: external-secrets } }\n',
    [`${apps}/external-secrets/app/ocirepository.yaml`]:
      'apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: { name: external-secrets }\nspec: { url: oci://ghcr.io/external-secrets/charts/external-secrets, ref: { tag: 2.9.0 } }\n',
    [`${apps}/onepassword/ks.yaml`]: ks('onepassword', '  dependsOn: [{ name: external-secrets }]\n'),
    [`${apps}/onepassword/app/kustomization.yaml`]: listing('./helmrelease.yaml', './clustersecretstore.yaml'),
    [`${apps}/onepassword/app/helmrelease.yaml`]: appTemplate,
    [`${apps}/onepassword/app/clustersecretstore.yaml`]: store(
      'ClusterSecretStore',
      'http://onepassword.external-secrets.svc.cluster.local',
    ),
  }
}

export const appTemplate = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: onepassword }
spec:
  chartRef: { kind: OCIRepository, name: onepassword }
  values:
    controllers:
      onepassword:
        containers:
          api:
            image: { repository: ghcr.io/1password/connect-api, tag: 1.8.2 }
            env: &env
              XDG_DATA_HOME: /config
              OP_HTTP_PORT: 80
              OP_SESSION:
                valueFrom: { secretKeyRef: { name: "{{ .Release.Name }}-secret", key: 1password-credentials.json } }
          sync:
            image: { repository: ghcr.io/1password/connect-sync, tag: 1.8.2 }
            env: *env
    persistence:
      config: { type: emptyDir, globalMounts: [{ path: /config }] }
`
