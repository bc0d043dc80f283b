import { chmod, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from './place.ts'
import { type Row, refuses } from './refusals.ts'

const base = 'infrastructure/base/external-secrets'
const list = `${base}/kustomization.yaml`
const store = `${base}/secretstores/onepassword-secretstore.yaml`
const exit = 'blocked'
const here = { flags: { path: base } }

/** A file as somebody committed it: changed from what it was. */
const committed = (path: string, change: (text: string) => string) => async (at: Place) => {
  await at.commit({ [path]: change(await at.read(path)) })
}

/** What is tracked as a file replaced by a link to the same file beside the working tree. */
const linkedOut = (path: string) => async (at: Place) => {
  const outside = join(at.folder, 'elsewhere.yaml')
  await rename(join(at.repository, path), outside)
  await symlink(outside, join(at.repository, path))
  await at.commit({})
  return here
}

const rows: Row[] = [
  {
    wrong: 'no kustomization',
    with: async (at) => {
      await at.git('rm', '--quiet', list)
      await at.commit({})
      return here
    },
    exit,
    id: 'kustomization-missing',
    what: `${base} has no kustomization.yaml.`,
    why: 'It is where Connect and the stores are switched on.',
    fix: 'Give the folder whose kustomization lists them with --path',
  },
  {
    wrong: 'two kustomizations',
    with: async (at) => {
      await at.commit({ [`${base}/kustomization.yml`]: await at.read(list) })
      return here
    },
    exit,
    id: 'several-kustomizations',
    what: `${base} has more than one kustomization file: kustomization.yaml and kustomization.yml.`,
    fix: 'Keep one of them.',
  },
  {
    wrong: 'the same key twice',
    with: committed(list, (text) => `${text}resources:\n  - namespace.yaml\n`),
    exit,
    id: 'yaml-duplicate-key',
    what: `${list}:7: this key stands in the same map twice.`,
    fix: 'Remove one of the two; the second is at line 7.',
  },
  {
    wrong: 'a tab',
    with: committed(list, (text) => text.replace('  - namespace.yaml', '\t- namespace.yaml')),
    exit,
    id: 'yaml-tabs',
    what: `${list}:4: this line is indented with a tab.`,
    fix: 'Replace the tab at line 4 with spaces.',
  },
  {
    wrong: 'a merge that was not ended',
    with: committed(list, (text) => text.replace('resources:', '<<<<<<< HEAD\nresources:\n=======\nresources: []\n>>>>>>> other')),
    exit,
    id: 'yaml-merge-marks',
    what: `${list}:3: git left the marks of a merge here that was not ended.`,
    fix: 'Keep what is right, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>.',
  },
  {
    wrong: 'a kustomization that SOPS encrypted',
    with: committed(list, (text) => `${text}sops:\n  version: 3.9.0\n`),
    exit,
    id: 'sops-encrypted',
    what: `${list}:7: this file is encrypted with SOPS.`,
    fix: `sops edit ${list}`,
  },
  {
    wrong: 'a kustomization that is a template',
    with: committed(list, (text) => `${text}{{- if .Values.extra }}\n  - extra.yaml\n{{- end }}\n`),
    exit,
    id: 'template-file',
    what: `${list}:7: this is a template, not the YAML that Flux will read.`,
    fix: 'Change the value that the template reads, render it, and run this again on the rendered file.',
  },
  {
    wrong: 'a kustomization that leads out of the repository',
    with: linkedOut(list),
    exit,
    id: 'outside-repository',
    what: `${list} leads out of the repository.`,
    fix: 'Put the files themselves into the repository.',
  },
  {
    wrong: 'a store that leads out of the repository',
    with: linkedOut(store),
    exit,
    id: 'store-missing',
    what: `${list} leads to no store of 1Password Connect, so there is nothing that could name the vaults.`,
    fix: 'Name the folder whose kustomization lists the stores: eso-bootstrap init --path <folder>',
  },
  {
    wrong: 'a kustomization that is read-only',
    with: (at) => chmod(join(at.repository, list), 0o444),
    exit,
    id: 'file-read-only',
    what: `${list} is read-only.`,
    fix: `chmod u+w ${list}`,
  },
  {
    wrong: 'an entry that leads nowhere',
    with: committed(list, (text) => text.replace('- namespace.yaml', '- namespaces.yaml')),
    exit,
    id: 'entry-target-missing',
    what: `${list}:4: resources lists namespaces.yaml, which isn't there.`,
    fix: 'Add namespaces.yaml, or remove line 4.',
  },
  {
    wrong: 'a commented entry that leads nowhere',
    with: async (at) => {
      await at.git('rm', '--quiet', '-r', `${base}/onepassword-connect`)
      await at.commit({})
    },
    exit,
    id: 'entry-target-missing',
    what: `${list}:5: resources is to list onepassword-connect, which isn't there.`,
    fix: 'Add onepassword-connect, or remove line 5.',
  },
  {
    wrong: 'a component among the resources',
    with: committed(`${base}/onepassword-connect/kustomization.yaml`, (text) =>
      text.replace('kustomize.config.k8s.io/v1beta1\nkind: Kustomization', 'kustomize.config.k8s.io/v1alpha1\nkind: Component'),
    ),
    exit,
    id: 'wrong-list',
    what: `${list}:5: onepassword-connect stands under resources, but it belongs under components.`,
    fix: 'Move line 5 below `components:`.',
  },
  {
    wrong: 'a folder that is not there',
    with: () => ({ flags: { path: 'infrastructure/secrets' } }),
    exit,
    id: 'folder-missing',
    what: 'There is no folder infrastructure/secrets in the repository.',
    fix: 'eso-bootstrap init --scaffold --path infrastructure/secrets',
  },
  {
    wrong: 'no folder at all',
    with: async (at) => {
      await at.git('rm', '--quiet', '-r', base)
      await at.commit({})
    },
    exit,
    id: 'folder-missing',
    what: 'No External Secrets folder was found that Flux builds.',
    fix: `eso-bootstrap init --scaffold --path ${base}`,
  },
  {
    wrong: 'two folders',
    with: async (at) => {
      await at.git('switch', '--quiet', 'main')
      const copies = [
        'kustomization.yaml',
        'namespace.yaml',
        'onepassword-connect/kustomization.yaml',
        'onepassword-connect/deployment.yaml',
        'onepassword-connect/service.yaml',
        'secretstores/kustomization.yaml',
        'secretstores/onepassword-secretstore.yaml',
        'secretstores/example-externalsecret.yaml',
      ]
      const files = await Promise.all(copies.map(async (each) => [`other/${each}`, await at.read(`${base}/${each}`)] as const))
      await at.commit(Object.fromEntries(files))
      const spec = {
        interval: '1h',
        path: './other',
        prune: true,
        suspend: true,
        sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      }
      await at.put({
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: 'other', namespace: 'flux-system' },
        spec,
      })
    },
    exit: 'usage',
    id: 'several-folders',
    what: `There are 2 External Secrets folders that Flux builds: ${base}, other.`,
    fix: 'eso-bootstrap init --path other',
  },
  {
    wrong: 'stores of an API version that is not served',
    with: committed(store, (text) => text.replace('external-secrets.io/v1', 'external-secrets.io/v1beta1')),
    exit,
    id: 'api-version-not-served',
    what: `${store} declares the ClusterSecretStore onepassword as external-secrets.io/v1beta1, which this cluster does not serve.`,
    fix: `sed -i 's#external-secrets.io/v1beta1#external-secrets.io/v1#' ${store}`,
  },
  {
    wrong: 'vaults that Flux fills in',
    with: committed(store, (text) => text.replace('homelab: 1', `\${VAULT}: 1`)),
    exit,
    id: 'vault-substituted',
    what: `${store}:9: the vaults of ClusterSecretStore onepassword are set through Flux substitution.`,
    fix: 'Change the variable',
  },
  {
    wrong: 'a store with a tab',
    with: committed(store, (text) => text.replace('        homelab: 1', '\thomelab: 1')),
    exit,
    id: 'yaml-tabs',
    what: `${store}:10: this line is indented with a tab.`,
    fix: 'Replace the tab at line 10 with spaces.',
  },
]

refuses(rows)
