import { rolldown } from 'rolldown'

/** The exports of a TypeScript source without dependencies; Node 20 can't import one by itself. */
export async function loadSource(path) {
  const bundle = await rolldown({ input: path, platform: 'node' })
  const { output } = await bundle.generate({ format: 'esm' })
  await bundle.close()
  return import(`data:text/javascript,${encodeURIComponent(output[0].code)}`)
}
