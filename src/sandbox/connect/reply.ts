export interface Reply {
  status: number
  body: unknown
  headers?: Record<string, string>
}

/** One entry of `GET /v1/activity`. */
export interface Activity {
  requestId: string
  timestamp: string
  action: 'READ'
  result: 'SUCCESS' | 'DENY'
  actor: { account: string; jti: string; userAgent: string }
  resource: { type: 'ITEM' | 'VAULT'; vault: { id: string }; item?: { id: string } }
}

export const refusal = (status: number, message: string): Reply => ({ status, body: { status, message } })
