import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { podOfValues } from './app-template.ts'
import { chartConsumer, chartOf, isHelmRelease } from './charts.ts'
import { consumerOf, runsConnect } from './consumer.ts'
import { type Loaded, mapAt } from './documents.ts'

/** Where 1Password Connect is defined, and how it reads its credentials. */
export interface Connect {
  file: string
  line: number
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'HelmRelease'
  name: string
  /** As the build makes it: `namespace:` of a kustomization goes before the object's own. */
  namespace?: string
  /** Undefined where the files don't tell (a chart version that isn't pinned): look at the live Deployment. */
  consumer: 'environment' | 'file' | undefined
  because: string
  credentials: { name: string; key: string }
  chartVersion?: string
}

/** What the official chart uses unless told: https://github.com/1Password/connect-helm-charts/tree/main/charts/connect */
const chartCredentials = { name: 'op-credentials', key: '1password-credentials.json' }
const usualCredentials = { name: 'onepassword-connect-secret', key: '1password-credentials.json' }

/** True for a workload that runs Connect, and for a HelmRelease that installs one: the official chart, or app-template with its images. */
export function isConnect(object: Loaded['object'], others: readonly Loaded[]): boolean {
  if (isHelmRelease(object)) {
    return isOfficial(object, others) || /connect-(api|sync)\b/.test(JSON.stringify(mapAt(object, 'spec', 'values')))
  }
  return ['Deployment', 'StatefulSet', 'DaemonSet'].includes(object['kind']) && runsConnect(object)
}

/** Reads a Connect out of an object that is one. Throws a Failure where its containers disagree on the credentials. */
export function readConnect(found: Loaded, file: string, namespace: string | undefined, others: readonly Loaded[]): Connect {
  const { object, line } = found
  const metadata = mapAt(object, 'metadata')
  const target = namespace ?? mapAt(object, 'spec')['targetNamespace'] ?? metadata['namespace']
  const connect = {
    file,
    line,
    kind: object['kind'],
    name: String(metadata['name'] ?? ''),
    ...(typeof target === 'string' && { namespace: target }),
  }
  if (isHelmRelease(object) && isOfficial(object, others)) return { ...connect, ...official(object, others) }
  const consumer = consumerOf(isHelmRelease(object) ? podOfValues(object) : object)
  if (!consumer) {
    return {
      ...connect,
      consumer: undefined,
      because: `the ${connect.kind} ${plain(connect.name, 63)} reads no Secret`,
      credentials: usualCredentials,
    }
  }
  if (/\{\{|\$\{/.test(consumer.secret.name + consumer.secret.key)) throw templated(file, line, consumer.secret.name)
  return { ...connect, consumer: consumer.consumer, because: consumer.because, credentials: consumer.secret }
}

function isOfficial(object: object, others: readonly Loaded[]): boolean {
  return chartOf(object, others)?.name === 'connect'
}

function official(object: object, others: readonly Loaded[]): Pick<Connect, 'consumer' | 'because' | 'credentials' | 'chartVersion'> {
  const version = chartOf(object, others)?.version
  const consumer = chartConsumer(version)
  const { credentialsName, credentialsKey } = mapAt(object, 'spec', 'values', 'connect')
  const because = {
    environment: 'before version 2.3.0 reads OP_SESSION from the Secret',
    file: 'from version 2.3.0 on mounts the Secret as a file',
    unknown: `at version ${plain(version ?? 'newest', 40)} may do either: before 2.3.0 it reads OP_SESSION from the Secret, since then it mounts a file`,
  }[consumer ?? 'unknown']
  return {
    consumer,
    because: `the Connect chart ${because}`,
    credentials: {
      name: typeof credentialsName === 'string' ? credentialsName : chartCredentials.name,
      key: typeof credentialsKey === 'string' ? credentialsKey : chartCredentials.key,
    },
    ...(version !== undefined && { chartVersion: version }),
  }
}

function templated(file: string, line: number, name: string): Failure {
  return new Failure({
    id: 'secret-name-templated',
    exit: 'blocked',
    what: `${plain(file)}:${line}: the name of the credentials Secret is a template: ${plain(name, 100)}`,
    why: 'What it becomes is decided by Helm or Flux later, so the Secret that Connect will read cannot be told from here.',
    fix: 'Write the name of the Secret and its key out in this file.',
  })
}
