export interface Release {
  name: string
  namespace: string
  version: string
  // biome-ignore lint/suspicious/noExplicitAny: values are whatever the user's HelmRelease says
  values: Record<string, any>
}
