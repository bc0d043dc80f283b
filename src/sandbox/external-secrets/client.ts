/** How a call to Connect ends for External Secrets Operator: an error whose text is what people find in its events. */
export class ProviderError extends Error {}

export interface ConnectClient {
  /** The id of the vault with this title or id; throws a ProviderError. */
  vault(key: string): Promise<string>
  /** Items of a vault with exactly this title. */
  itemsByTitle(vault: string, title: string): Promise<ItemSummary[]>
  item(vault: string, id: string): Promise<FullItem>
  file(path: string): Promise<string>
}

interface ItemSummary {
  id: string
  title: string
  vault: { id: string }
}

export interface FullItem extends ItemSummary {
  category: string
  fields?: { label?: string; value?: string }[]
  files?: { name: string; content_path: string }[]
}

export const nativeId = /^[a-z0-9]{26}$/

/**
 * Calls Connect as ESO's provider does, one request after the other and nothing cached
 * (https://github.com/external-secrets/external-secrets/blob/main/providers/v1/onepassword/onepassword.go).
 * `base` is where the store's connectHost leads, `host` what errors call it.
 */
export function connectClient(base: string, host: string, token: string, signal: AbortSignal): ConnectClient {
  const get = async (path: string): Promise<Response> => {
    // Go refuses to send such a header, and so does fetch: https://github.com/1Password/connect-sdk-go/issues/73
    if (/[\r\n\0]/.test(token)) throw new ProviderError(`Get "${host}${path}": net/http: invalid header field value for "Authorization"`)
    let response: Response
    try {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'User-Agent': 'external-secrets' }
      response = await fetch(`${base}${path}`, { headers, signal })
    } catch {
      signal.throwIfAborted()
      throw new ProviderError(`Get "${host}${path}": EOF`)
    }
    if (response.status === 200) return response
    const text = await response.text()
    throw new ProviderError(`status ${response.status}: ${messageOf(text) ?? response.statusText}`)
  }
  const json = async <Body>(path: string): Promise<Body> => {
    const text = await (await get(path)).text()
    try {
      return JSON.parse(text)
    } catch {
      // As Go's encoding/json says it of a web page.
      throw new ProviderError(`invalid character ${JSON.stringify(text[0] ?? '').replaceAll('"', "'")} looking for beginning of value`)
    }
  }
  const byTitle = (title: string) => `?filter=${encodeURIComponent(`title eq "${title}"`).replaceAll('%20', '+')}`

  return {
    vault: async (key) => {
      if (nativeId.test(key)) return (await json<{ id: string }>(`/v1/vaults/${key}`)).id
      const found = await json<{ id: string }[]>(`/v1/vaults${byTitle(key)}`)
      if (found.length !== 1 || !found[0]) throw new ProviderError(`Found ${found.length} vaults with title "${key}"`)
      return found[0].id
    },
    itemsByTitle: (vault, title) => json(`/v1/vaults/${vault}/items${byTitle(title)}`),
    item: (vault, id) => json(`/v1/vaults/${vault}/items/${id}`),
    file: async (path) => (await get(path)).text(),
  }
}

function messageOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { message?: string }).message
  } catch {
    return undefined
  }
}
