import { wait } from '../../src/base/backoff.ts'
import { listDeadLetters } from '../../src/pipeline/operations/list-dead-letters.ts'
import type { Observation, Probe } from './probe.ts'
import type { KnobRig } from './rig.ts'
import { spyOn } from './spy.ts'

const poison = 40
const total = 64

/** How often what fails is tried, what becomes of its batch, and when it is too late. */
export const retryProbes: Probe[] = [
  { knob: 'retry.attempts', set: '1', run: (rig) => attempts(rig, 1) },
  { knob: 'retry.attempts', set: '4', run: (rig) => attempts(rig, 4) },
  {
    knob: 'retry.attempts',
    set: 'unlimited',
    run: async (rig) => {
      const stream = await rig.stream(10)
      let failed = 0
      const spy = spyOn(
        {
          name: rig.freshName(),
          stream,
          retry: { attempts: 'unlimited', backoffMs: 0, bisect: false },
        },
        () => {
          failed += 1
          if (failed <= 12) throw new Error('not yet')
          failed -= 1
        },
      )
      await rig.run(spy.pipeline, 10)
      const { totals, deadLetters } = await rig.status(spy.pipeline)
      return {
        observed: `failed 12 times, then well: ${totals.records} of 10 done in ${spy.calls.length} calls, ${deadLetters} dead letters`,
        holds: totals.records === 10 && deadLetters === 0 && spy.calls.length === 13,
      }
    },
  },
  { knob: 'retry.backoffMs', set: '0', run: (rig) => gaps(rig, 0) },
  { knob: 'retry.backoffMs', set: '1,000', run: (rig) => gaps(rig, 1_000) },
  { knob: 'retry.bisect', set: 'true', run: (rig) => bisect(rig, true) },
  { knob: 'retry.bisect', set: 'false', run: (rig) => bisect(rig, false) },
]

function failing(call: { numbers: readonly number[] }) {
  if (call.numbers.includes(poison)) throw new Error('a poison record')
}

async function attempts(rig: KnobRig, allowed: number): Promise<Observation> {
  const stream = await rig.stream(total)
  const spy = spyOn(
    { name: rig.freshName(), stream, retry: { attempts: allowed, backoffMs: 0 } },
    failing,
  )
  await rig.run(spy.pipeline, total)
  const { deadLetters } = await listDeadLetters(rig, { pipeline: spy.pipeline.options.name })
  const alone = spy.calls.filter(({ numbers }) => numbers.join() === String(poison)).length
  return {
    observed: `the record was alone in ${alone} calls; its letter says ${deadLetters[0]?.attempts} attempts`,
    holds: alone === allowed && deadLetters.length === 1 && deadLetters[0]?.attempts === allowed,
  }
}

/** The waits between three attempts at one record; a look each 100 ms comes on top. */
async function gaps(rig: KnobRig, backoffMs: number): Promise<Observation> {
  const stream = await rig.stream(1)
  const spy = spyOn({ name: rig.freshName(), stream, retry: { attempts: 3, backoffMs } }, () => {
    throw new Error('always')
  })
  await rig.run(spy.pipeline, 1)
  const [a = 0, b = 0] = spy.calls
    .slice(1)
    .map(({ began }, index) => Math.round(began - (spy.calls[index]?.ended ?? 0)))
  return {
    observed: `${a} ms before the second attempt, ${b} ms before the third`,
    // With jitter a wait is half of its length at least.
    holds: backoffMs === 0 ? b < 1_000 : a >= backoffMs / 2 && b >= backoffMs,
  }
}

async function bisect(rig: KnobRig, isOn: boolean): Promise<Observation> {
  const stream = await rig.stream(total)
  const spy = spyOn(
    { name: rig.freshName(), stream, retry: { bisect: isOn, backoffMs: 0 } },
    failing,
  )
  await rig.run(spy.pipeline, total)
  const { deadLetters } = await rig.status(spy.pipeline)
  return {
    observed: `one poison of ${total}: ${spy.calls.length} calls, ${deadLetters} in the dead letters`,
    holds: deadLetters === (isOn ? 1 : total) && (isOn || spy.calls.length === 3),
  }
}

const maxAgeMs = 60_000

/**
 * Its old records are put when the benchmark begins and looked at when it ends: a minute is the least that the knob
 * takes.
 */
export async function prepareMaxAge(rig: KnobRig): Promise<Probe> {
  const stream = await rig.stream(20)
  const put = performance.now()
  return {
    knob: 'retry.maxAgeMs',
    set: '60,000',
    run: async () => {
      await wait(Math.max(0, put + maxAgeMs + 1_000 - performance.now()))
      await rig.put(stream, 10)
      const spy = spyOn({ name: rig.freshName(), stream, retry: { maxAgeMs } })
      await rig.run(spy.pipeline, 30)
      const { deadLetters } = await listDeadLetters(rig, { pipeline: spy.pipeline.options.name })
      const tooOld = deadLetters.filter(({ condition }) => condition === 'too_old').length
      return {
        observed: `20 of ${Math.round((performance.now() - put) / 1_000)} s ago and 10 new ones: ${spy.numbers().length} reached the step, ${tooOld} dead letters "too_old"`,
        holds: spy.numbers().length === 10 && tooOld === 20 && deadLetters.length === 20,
      }
    },
  }
}
