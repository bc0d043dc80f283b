import { expect, it, onTestFinished } from 'vitest'
import { openVerifying } from '../commands/verify/stage.ts'
import { granted, wordsOf } from './asked.ts'
import { verify } from './roles.ts'

it('the permissions of docs/reference for verify are enough, and hold nothing that is not asked for', async () => {
  const at = await openVerifying()
  onTestFinished(() => at.close())
  at.requests()
  expect(await at.report({}, await at.as(...verify.always))).toMatchObject({ verdict: 'uncompared', exitCode: 0 })
  const least = await at.as(...verify.always, ...verify.better)
  at.requests()
  expect(await at.report({}, least)).toMatchObject({ verdict: 'proven', exitCode: 0 })
  expect(await at.report({ item: 'missing', timeout: '1s' }, least)).toMatchObject({ exitCode: 3 })
  const requests = at.requests()
  expect(requests.filter(({ status }) => status === 403)).toEqual([])
  const asked = requests.flatMap((request) => wordsOf(request) ?? [])
  const isAsked = (words: string) => asked.some((each) => each === words || each.replace(/ in [^ ]+$/, ' everywhere') === words)
  // The operator is mostly faster.
  const isSometimes = (words: string) => words === 'delete secrets in external-secrets'
  expect(granted([...verify.always, ...verify.better]).filter((each) => !isAsked(each) && !isSometimes(each))).toEqual([
    // For a store that isn't Ready yet.
    'watch clustersecretstores.external-secrets.io everywhere',
    'get secretstores.external-secrets.io everywhere',
    'watch secretstores.external-secrets.io everywhere',
    // Asked for by an access review only, before a port is forwarded.
    'create pods/portforward in external-secrets',
  ])
}, 30_000)
