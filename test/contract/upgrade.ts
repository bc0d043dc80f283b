/** The headers of a WebSocket for a port-forward: https://www.rfc-editor.org/rfc/rfc6455#section-1.3 */
export const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'v4.channel.k8s.io',
}
