import { describe, expect, test } from 'vitest'
import { MillraceError } from '../../../src/base/errors.ts'
import { PartialFailure } from '../../../src/pipeline/step.ts'
import { filter } from '../../../src/pipeline/steps/filter.ts'
import { flatMap } from '../../../src/pipeline/steps/flat-map.ts'
import { map } from '../../../src/pipeline/steps/map.ts'
import { recordsOf, stepContext, stepResources } from '../../support/step-context.ts'

const records = recordsOf('a', 'b', 'c')
const context = stepContext(records)
const resources = stepResources()

describe('a function of one value', () => {
  test('is called in the order of the values, beside their records, whether or not it waits', async () => {
    const called: string[] = []
    const run = await map(async (value: string, record, { stream }) => {
      called.push(`start ${value}`)
      await Promise.resolve()
      called.push(`end ${value}`)
      return `${stream}/${record.sequence}: ${value}`
    }).open(resources)
    expect(await run(['x', 'y', 'z'], context)).toEqual(['logs/1: x', 'logs/2: y', 'logs/3: z'])
    expect(called).toEqual(['start x', 'end x', 'start y', 'end y', 'start z', 'end z'])
    const direct = await map((value: number) => value * 2).open(resources)
    expect(await direct([1, 2, 3], context)).toEqual([2, 4, 6])
  })

  test.each(['throws', 'rejects'])(
    'that %s keeps the results before it, names its record and calls none behind it',
    async (how) => {
      const secret = new TypeError('cannot read card 4111111111111111')
      const called: string[] = []
      const run = await map((value: string): string | Promise<string> => {
        called.push(value)
        if (value !== 'y') return value.toUpperCase()
        if (how === 'rejects') return Promise.reject(secret)
        throw secret
      }).open(resources)
      const failure = new PartialFailure([2n], 'it threw TypeError', { cause: secret })
      expect(await run(['x', 'y', 'z'], context)).toEqual({ values: ['X'], failure })
      expect(called).toEqual(['x', 'y'])
    },
  )

  test('says of what it threw the kind alone, also when the name is made of the record', async () => {
    const reasons: unknown[] = []
    const named = Object.assign(new Error('m'), { name: 'card=4111-1111' })
    for (const thrown of [named, 'card 4111', new MillraceError('conflict', 'm')]) {
      const run = await map(() => {
        throw thrown
      }).open(resources)
      reasons.push((await run(['x'], stepContext(recordsOf('a')))) as unknown)
    }
    expect(reasons).toMatchObject([
      { failure: { reason: 'it threw an error', cause: named } },
      { failure: { reason: 'it threw a string' } },
      { failure: { reason: 'it threw MillraceError' } },
    ])
  })

  test('is tried again for the one value, as often as its retry says', async () => {
    const called: string[] = []
    const flaky = (value: string) => {
      called.push(value)
      if (value === 'y' && called.length < 4) throw new Error('not yet')
      return value
    }
    const retry = { attempts: 3, backoffMs: 1 }
    const run = await map(flaky, { retry }).open(resources)
    expect(await run(['x', 'y', 'z'], context)).toEqual(['x', 'y', 'z'])
    expect(called).toEqual(['x', 'y', 'y', 'y', 'z'])
  })

  test('fails as a call, blaming no record, when the call was aborted', async () => {
    const abort = new AbortController()
    const reason = new Error('time is over')
    const called: string[] = []
    const stopping = async (value: string) => {
      called.push(value)
      abort.abort(reason)
      if (value === 'throw') throw reason
      return value
    }
    const stopped = stepContext(records, { signal: abort.signal })
    const run = await map(stopping, { retry: { attempts: 5 } }).open(resources)
    await expect(run(['x', 'y', 'z'], stopped)).rejects.toBe(reason)
    await expect(run(['throw', 'y', 'z'], stopped)).rejects.toBe(reason)
    expect(called).toEqual(['x', 'throw'])
  })
})

describe('filter and flatMap', () => {
  test('say which values stay', async () => {
    const run = await filter((value: number) => value > 1).open(resources)
    expect(await run([1, 2, 3], context)).toEqual([false, true, true])
  })

  test('make a list of each value', async () => {
    const run = await flatMap((value: string) => value.split(',').filter(Boolean)).open(resources)
    expect(await run(['a,b', '', 'c'], context)).toEqual([['a', 'b'], [], ['c']])
  })

  test('fail as map does', async () => {
    const thrower = () => {
      throw new Error('no')
    }
    const failure = { failed: [1n], reason: 'it threw Error' }
    const outcome = { values: [], failure: expect.objectContaining(failure) }
    expect(await (await filter(thrower).open(resources))([1, 2, 3], context)).toEqual(outcome)
    expect(await (await flatMap(thrower).open(resources))([1, 2, 3], context)).toEqual(outcome)
  })
})
