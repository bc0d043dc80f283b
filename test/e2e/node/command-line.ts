import { join } from 'node:path'
import { freePort } from '../../free-port.ts'

export interface CommandLine {
  args: string[]
  env: Record<string, string>
  /** Port in the container, port on loopback. */
  ports: Map<number, number>
}

export interface InContainer {
  args: readonly string[]
  env: ReadonlyMap<string, string>
  /** Where volumes are mounted. */
  mounts: readonly string[]
  /** The ports that flags open. */
  ports: Record<string, number>
  /** What stands in for the container's root. */
  root: string
}

/**
 * A container's command line outside its container: `$(NAME)` is replaced, paths of its volumes lead to folders below `root`,
 * and each port that it opens is a free one on loopback, because all of them share one network here.
 */
export async function commandLine({ args, env, mounts, ports, root }: InContainer): Promise<CommandLine> {
  const expanded = (text: string) => text.replace(/\$\((\w+)\)/g, (whole, name: string) => env.get(name) ?? whole)
  const moved = (text: string) => {
    const [, flag = '', path = ''] = /^(--[\w-]+=)?(\/.*)$/.exec(text) ?? []
    return mounts.some((mount) => path === mount || path.startsWith(`${mount}/`)) ? flag + join(root, path) : text
  }
  const line: CommandLine = {
    args: args.map((each) => moved(expanded(each))),
    env: Object.fromEntries([...env].map(([name, value]) => [name, moved(expanded(value))])),
    ports: new Map(),
  }
  for (const [flag, usual] of Object.entries(ports)) {
    const told = args.find((each) => each.startsWith(`--${flag}=`))
    const [, port = usual] = /(\d+)$/.exec(told ?? '') ?? []
    const free = await freePort()
    line.ports.set(Number(port), free)
    // The last one of a flag counts.
    line.args.push(`--${flag}=${flag === 'port' ? free : `127.0.0.1:${free}`}`)
  }
  return line
}
