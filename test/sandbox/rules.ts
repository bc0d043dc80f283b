import type { Rule } from '../../src/sandbox/api/access.ts'

/** Everything that can be done with a resource, unless `more` says less. */
export function mayAll(group: string, resource: string, more: Partial<Rule> = {}): Rule {
  return { apiGroups: [group], resources: [resource], verbs: ['*'], ...more }
}
