/** GitHub's and others' SSH service on the port of HTTPS, for networks that let nothing else through. */
const aliases: Readonly<Record<string, string>> = {
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
}

/** These find a repository however its name is written. */
const caseless = new Set(['github.com', 'gitlab.com', 'bitbucket.org'])

/**
 * Do two URLs name the same repository? User, port, protocol, `.git` and a last slash make no difference, so that
 * `git@github.com:o/r.git`, `ssh://git@ssh.github.com:443/o/r` and `https://github.com/O/R/` are one.
 * A "no" proves nothing: a cluster may reach the same server under a name of its own.
 */
export function sameRepository(a: string, b: string): boolean {
  return identity(a) === identity(b)
}

/** A URL that may be shown: without the password or token that it carries. */
export function withoutCredentials(url: string): string {
  // A user alone is a token in https://<token>@github.com/…, and a login name in ssh://git@….
  return url.replace(/^(https?:\/\/)[^/]*@/i, '$1').replace(/^([a-z][a-z0-9+.-]*:\/\/[^/:@]*):[^/]*@/i, '$1@')
}

function identity(url: string): string {
  const { host, path } = parts(url.trim())
  const name = path.replace(/\/+$/, '').replace(/\.git$/, '')
  if (host === '') return name
  const known = aliases[host] ?? host
  const bare = name.replace(/^\/+/, '').replace(/\/{2,}/g, '/')
  return `${known}/${caseless.has(known) ? bare.toLowerCase() : bare}`
}

function parts(url: string): { host: string; path: string } {
  const full = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/]*@)?(\[[^\]]*\]|[^/:]*)(?::\d+)?(\/.*)?$/i.exec(url)
  if (full) return { host: (full[1] ?? '').toLowerCase(), path: full[2] ?? '' }
  // scp's way of writing: there is no slash before the colon. https://git-scm.com/docs/git-clone#_git_urls
  const scp = /^(?:[^/@]+@)?(\[[^\]]*\]|[^/:]+):(.*)$/.exec(url)
  if (scp) return { host: (scp[1] ?? '').toLowerCase(), path: scp[2] ?? '' }
  return { host: '', path: url }
}
