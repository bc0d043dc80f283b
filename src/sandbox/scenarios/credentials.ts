import { eachText } from './files.ts'
import { setUp } from './set-up.ts'
import { putBootstrapSecrets, type Scenario } from './stage.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** What may be wrong with the credentials of a cluster that is set up. */
export const credentialsScenarios: Record<string, Scenario> = {
  'credentials-truncated': setUp('Only the first half of the credentials file is in the cluster.', {
    secrets: (stage) => {
      const text = stage.access.credentials.reveal()
      putBootstrapSecrets(stage, text.slice(0, text.length / 2))
    },
  }),
  'credentials-double-base64': setUp('The credentials were encoded once too often.', {
    secrets: (stage) => putBootstrapSecrets(stage, base64(base64(stage.access.credentials.reveal()))),
  }),
  'credentials-as-file': setUp('Connect mounts its credentials as a file, and the Secret holds base64 text.', {
    files: (files) => eachText(files, mounted),
  }),
}

/** The Deployment as it is where OP_SESSION is the path of a file. */
function mounted(text: string): string {
  const path = '/home/opuser/.op/1password-credentials.json'
  const reference =
    /( +)- name: OP_SESSION\n\s+valueFrom:\n\s+secretKeyRef:\n\s+name: onepassword-connect-secret\n\s+key: 1password-credentials.json\n/g
  if (!reference.test(text)) return text
  return text
    .replace(reference, `$1- name: OP_SESSION\n$1  value: ${path}\n`)
    .replace(
      /^( +)volumeMounts:\n/gm,
      `$1volumeMounts:\n$1  - name: credentials\n$1    mountPath: ${path}\n$1    subPath: 1password-credentials.json\n`,
    )
    .replace(/^( +)volumes:\n/m, '$1volumes:\n$1  - name: credentials\n$1    secret:\n$1      secretName: onepassword-connect-secret\n')
}
