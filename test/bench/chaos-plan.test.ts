import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commandOf, faultsMs, parseOptions } from '../../bench/chaos/options.ts'
import {
  embeddingModes,
  type Fault,
  faultKinds,
  planFaults,
  type ReshardTarget,
  reshardKinds,
} from '../../bench/chaos/plan-faults.ts'

const seeds = fc.integer({ min: 1, max: 1_000_000 })
const durations = fc.integer({ min: 0, max: 600_000 })

/** What a fault is, without its time. */
const nameOf = (fault: Fault) =>
  fault.kind === 'reshard' ? fault.reshard : fault.kind === 'embedding' ? fault.mode : fault.kind

const reshardsOf = (plan: readonly Fault[], target: ReshardTarget) =>
  plan.flatMap((fault) => (fault.kind === 'reshard' && fault.target === target ? [fault.atMs] : []))

describe('a plan of faults', () => {
  test('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(planFaults(seed, 120_000)).toEqual(planFaults(seed, 120_000))
        expect(planFaults(seed, 120_000)).not.toEqual(planFaults(seed + 1, 120_000))
      }),
    )
  })

  test('of a longer run begins with that of a shorter one', () => {
    fc.assert(
      fc.property(seeds, durations, durations, (seed, a, b) => {
        const [short, long] = [Math.min(a, b), Math.max(a, b)]
        expect(planFaults(seed, long).filter(({ atMs }) => atMs < short)).toEqual(
          planFaults(seed, short),
        )
      }),
    )
  })

  test('is in the order of time and inside the run', () => {
    fc.assert(
      fc.property(seeds, durations, (seed, duration) => {
        const times = planFaults(seed, duration).map(({ atMs }) => atMs)
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        expect(times.every((atMs) => atMs >= 0 && atMs < duration)).toBe(true)
      }),
    )
  })

  test('has every kind of fault within two minutes', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const names = planFaults(seed, faultsMs({ minutes: 2 })).map(nameOf)
        expect(names).toEqual(
          expect.arrayContaining([...faultKinds, ...reshardKinds, 'pause', 'replay']),
        )
      }),
    )
    const names = planFaults(1, 240_000).map(nameOf)
    expect(names).toEqual(expect.arrayContaining([...embeddingModes]))
  })

  test('replays once, in the middle', () => {
    const times = planFaults(7, 600_000).flatMap(({ kind, atMs }) =>
      kind === 'replay' ? [atMs] : [],
    )
    expect(times).toHaveLength(1)
    expect(Math.min(...times)).toBeGreaterThan(10_000)
  })

  test('reshards each stream every 20 s, and freezes, blocks and stalls workers for longer than a lease of 5 s', () => {
    const plan = planFaults(7, 200_000)
    const everyTenth = [10, 30, 50, 70, 90, 110, 130, 150, 170, 190].map((s) => s * 1_000)
    expect(reshardsOf(plan, 'source')).toEqual(everyTenth)
    expect(reshardsOf(plan, 'copy')).toEqual(everyTenth.slice(0, -1).map((atMs) => atMs + 10_000))
    for (const kind of ['freeze worker', 'block worker', 'stall worker']) {
      const lasting = plan.flatMap((fault) =>
        fault.kind === kind && 'forMs' in fault ? [fault.forMs] : [],
      )
      expect(lasting.length).toBeGreaterThan(0)
      expect(Math.min(...lasting)).toBeGreaterThan(5_000)
    }
  })
})

describe('the command line of a chaos run', () => {
  test('has defaults, and a seed of its own choice', () => {
    const options = parseOptions([])
    expect(options).toMatchObject({ minutes: 2, workers: 3, rate: 300, planOnly: false })
    expect(options.seed).toBeGreaterThan(0)
  })

  test('is repeated by the command that is printed', () => {
    const options = parseOptions(['--minutes', '0.5', '--seed', '7', '--workers', '2'])
    const [, args = ''] = commandOf(options).split(' -- ')
    expect(parseOptions(args.split(' '))).toEqual(options)
  })

  test.each([
    ['--minutes', '0'],
    ['--minutes', 'x'],
    ['--seed', '1.5'],
    ['--workers', ''],
    ['--rate', '0'],
  ])('refuses %s %s, and says what is expected', (name, value) => {
    expect(() => parseOptions([name, value])).toThrow(`expected ${name} to be a`)
  })

  test('takes the last of an option that is given twice, as its own restart relies on', () => {
    expect(parseOptions(['--seed', '1', '--seed', '2']).seed).toBe(2)
  })

  test('refuses an option that it does not know, with the usage', () => {
    expect(() => parseOptions(['--hours', '1'])).toThrow('usage: npm run chaos')
  })
})
