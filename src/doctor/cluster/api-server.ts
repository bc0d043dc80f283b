import { Failure } from '../../failure.ts'
import { type ClusterCheck, findingOf } from '../check.ts'

/** Whether it answers is the question itself, so that a Failure is what is found; one that forbids has answered. */
export const apiServer: ClusterCheck = {
  id: 'api-server',
  category: 'cluster',
  title: 'the API server answers, and knows this user',
  severity: 'error',
  needs: [],
  page: {
    symptom: 'kubectl and flux end with a timeout, "connection refused", "x509" or "Unauthorized".',
    cause:
      'The cluster is down or out of reach (a VPN, another network), or the kubeconfig is old: its address, certificate or token no longer holds.',
    fix: 'Try kubectl --context <name> get --raw /version: it meets the same. Fetch a new kubeconfig, or choose another --context.',
    sources: [
      'https://kubernetes.io/docs/tasks/debug/debug-cluster/',
      'https://kubernetes.io/docs/reference/access-authn-authz/authentication/',
    ],
  },
  looksAt: 'cluster',
  async look({ cluster, signal }) {
    try {
      await cluster.version(signal)
      return []
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof Failure)) throw error
      return error.id === 'forbidden' ? [] : [findingOf(`the context ${cluster.context}`, error)]
    }
  },
}
