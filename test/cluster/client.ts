import { parse } from 'yaml'
import { type Client, createClient, type Identity } from '../contract/client.ts'
import type { ControlPlane } from './control-plane.ts'

/** A client for a control plane that may be anybody. */
export function clientOf(plane: ControlPlane): Client {
  const known = new Map<string, Promise<Identity>>()
  return createClient(plane, (user = 'admin') => {
    const identity = known.get(user) ?? identityOf(plane, user)
    known.set(user, identity)
    return identity
  })
}

async function identityOf(plane: ControlPlane, user: string): Promise<Identity> {
  const [{ user: credentials }] = parse(user === 'admin' ? plane.kubeconfig : await plane.asUser(user)).users
  const pem = (field: string) => Buffer.from(credentials[field], 'base64').toString()
  return { key: pem('client-key-data'), cert: pem('client-certificate-data') }
}
