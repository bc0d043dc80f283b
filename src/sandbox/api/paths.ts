import type { Context } from './context.ts'
import { discovery } from './discovery.ts'
import type { Answer } from './dispatch.ts'
import { openapi } from './openapi.ts'

/** The answer for a path that isn't about a resource: health, version, discovery, OpenAPI, and nothing at all. */
export function pathAnswer({ registry, version }: Context, pathname: string, headers: { accept: string; host: string }): Answer {
  const path = pathname.length > 1 ? pathname.replace(/\/$/, '') : pathname
  if (/^\/(readyz|livez|healthz)(\/|$)/.test(path)) return { code: 200, body: 'ok' }
  if (path === '/version') return { code: 200, body: versionBody(version) }
  const found = path.startsWith('/openapi/v3') ? openapi(path, registry) : discovery(path, registry, headers)
  if (!found) return { code: 404, body: '404 page not found\n' }
  const aggregated = /^apidiscovery\.k8s\.io\/(.+)$/.exec((found as { apiVersion?: string }).apiVersion ?? '')?.[1]
  return {
    code: 200,
    body: found,
    ...(aggregated && { mediaType: `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList` }),
  }
}

function versionBody(gitVersion: string): object {
  const [major = '', minor = ''] = gitVersion.replace(/^v/, '').split('.')
  return { major, minor, gitVersion, gitTreeState: 'clean', goVersion: 'go1.24.6', compiler: 'gc', platform: 'linux/amd64' }
}
