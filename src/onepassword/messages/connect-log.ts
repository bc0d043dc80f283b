import type { Message } from '../message.ts'
import { replaceToken } from '../remedies.ts'

/** In the log of 1Password Connect. */
export const connectLog: readonly Message[] = [
  {
    id: 'credentials-not-base64',
    texts: ['credentialsDataFromBase64), illegal base64 data', 'credentialsDataFromBase64, illegal base64 data'],
    what: 'Connect cannot read its credentials: it wants base64 text and the Secret holds something else.',
    why: 'OP_SESSION comes from an environment variable, which has to hold base64 of the JSON.',
    fix: [
      'eso-bootstrap init --credentials <file> --replace',
      'kubectl rollout restart deployment onepassword-connect -n external-secrets',
    ],
    source: 'https://github.com/1Password/connect-helm-charts/issues/114',
  },
  {
    id: 'credentials-not-json',
    texts: ["failed to Unmarshal credentials file data into map…invalid character 'e'"],
    what: 'Connect cannot read its credentials: it wants the plain JSON file and the Secret holds base64 text.',
    why: 'OP_SESSION is the path of a mounted file, which has to be the JSON itself.',
    fix: [
      'eso-bootstrap init --credentials <file> --replace',
      'kubectl rollout restart deployment onepassword-connect -n external-secrets',
    ],
    source: 'https://github.com/1Password/connect-helm-charts/issues/272',
  },
  {
    id: 'credentials-broken',
    texts: ['failed to Unmarshal credentials file data into map'],
    what: 'Connect cannot read its credentials: what it was given is not JSON.',
    why: 'The file was cut off, or is another one.',
    fix: [
      'eso-bootstrap init --credentials <file> --replace',
      'kubectl rollout restart deployment onepassword-connect -n external-secrets',
    ],
    source: 'https://github.com/1Password/connect-helm-charts/issues/272',
  },
  {
    id: 'credentials-other-file',
    texts: ['credentials file is not version 2'],
    what: 'What Connect was given as its credentials is another JSON file.',
    why: 'The file is offered once, when the Connect server is made; the item that 1Password keeps of it is not the file.',
    fix: [
      'eso-bootstrap init --credentials <file> --replace',
      'kubectl rollout restart deployment onepassword-connect -n external-secrets',
    ],
    source: 'https://github.com/1Password/connect/issues/18',
  },
  {
    id: 'credentials-not-opened',
    texts: ['credentialsDataFromDisk), open …: '],
    what: ([path]) => `Connect cannot open its credentials file ${path}.`,
    why: 'It is not mounted there, or user 999, as whom Connect runs, may not read it.',
    fix: [
      'In the pod template of Connect, under securityContext: runAsUser, runAsGroup and fsGroup 999',
      'kubectl describe deployment onepassword-connect -n external-secrets',
    ],
    source: 'https://github.com/1Password/connect/issues/32',
  },
  {
    id: 'connect-folder-not-its-own',
    texts: ['We can\'t safely access "…" because it\'s not owned by the current user'],
    what: ([path]) => `Connect does not start: the folder ${path} belongs to another user than the one it runs as.`,
    why: 'Its image is made for user 999, and it refuses a folder that is not its own, also one that it may write to.',
    fix: ['In the pod template of Connect, under securityContext: runAsUser, runAsGroup and fsGroup 999'],
    source: 'https://github.com/1Password/connect/issues/76',
  },
  {
    id: 'connect-database-not-opened',
    texts: ['unable to open database file'],
    what: 'Connect cannot open its database in /home/opuser/.op/data.',
    why: 'The volume belongs to another user than 999, as whom Connect runs, or is read-only.',
    fix: [
      'In the pod template of Connect, under securityContext: runAsUser, runAsGroup and fsGroup 999',
      'An emptyDir serves: Connect fills it again',
    ],
    source: 'https://github.com/1Password/connect/issues/114',
  },
  {
    id: 'token-of-other-server',
    texts: ["Each header's KID must match the KID of the public key", 'failed to Decrypt localAuthv2'],
    what: 'The token and the credentials belong to different Connect servers.',
    why: 'A token works only with the server that it was issued for.',
    fix: replaceToken,
    exit: 'refused',
    patience: 10_000,
    source: 'https://github.com/1Password/connect/issues/78',
  },
]
