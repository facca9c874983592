import { wait } from '../../src/base/backoff.ts'
import type { LogRecord } from '../../src/log/read-records.ts'
import { definePipeline } from '../../src/pipeline/define-pipeline.ts'
import { sink } from '../../src/pipeline/sink.ts'
import type { Window } from '../../src/pipeline/step.ts'
import { aggregate } from '../../src/pipeline/steps/aggregate.ts'
import type { Probe } from './probe.ts'
import { spyOn } from './spy.ts'

/** The knobs of a step. */
export const stepProbes: Probe[] = [
  {
    knob: 'step timeoutMs',
    set: '300',
    run: async (rig) => {
      const stream = await rig.stream(10)
      let told = Number.NaN
      const spy = spyOn(
        { name: rig.freshName(), stream, retry: { backoffMs: 0, bisect: false } },
        async (call, { signal }) => {
          if (spy.calls.length > 1) return
          await wait(5_000, signal)
          told = performance.now() - call.began
        },
        { timeoutMs: 300 },
      )
      await rig.run(spy.pipeline, 10)
      const { deadLetters } = await rig.status(spy.pipeline)
      return {
        observed: `a call of 5,000 ms was told to end after ${Math.round(told)} ms; then ${spy.calls.length - 1} more call, ${deadLetters} dead letters`,
        holds: told >= 295 && told < 1_500 && spy.calls.length === 2 && deadLetters === 0,
      }
    },
  },
  {
    knob: 'step retry',
    set: 'attempts 3, backoffMs 200',
    run: async (rig) => {
      const stream = await rig.stream(10)
      let failures = 0
      const spy = spyOn(
        { name: rig.freshName(), stream, retry: { attempts: 1 } },
        () => {
          if (spy.calls.length < 3) throw new Error('not yet')
        },
        { retry: { attempts: 3, backoffMs: 200 } },
      )
      await rig.run(spy.pipeline, async () => {
        const { totals, shards } = await rig.status(spy.pipeline)
        failures = Math.max(failures, ...shards.map((shard) => shard.failures))
        return totals.records === 10
      })
      const { deadLetters } = await rig.status(spy.pipeline)
      const waits = spy.calls
        .slice(1)
        .map(({ began }, index) => Math.round(began - (spy.calls[index]?.ended ?? 0)))
      return {
        observed: `${spy.calls.length} calls of the same ${spy.calls[0]?.numbers.length}, ${waits.join(' and ')} ms between them, ${failures} attempts of the pipeline used, ${deadLetters} dead letters`,
        holds:
          spy.calls.length === 3 &&
          (waits[0] ?? 0) >= 99 &&
          (waits[1] ?? 0) >= 199 &&
          failures === 0 &&
          deadLetters === 0,
      }
    },
  },
  {
    knob: 'aggregate windowMs',
    set: '1,000',
    run: async (rig) => {
      const stream = await rig.stream()
      const results: { window: Window; count: number }[] = []
      const pipeline = definePipeline({ name: rig.freshName(), stream })
        .step(
          aggregate({
            windowMs: 1_000,
            initial: () => 0,
            add: (count: number, _record: LogRecord) => count + 1,
            result: (count, window) => ({ window, count }),
          }),
        )
        .to(
          sink('results', async (_client, values: readonly (typeof results)[number][]) => {
            results.push(...values)
          }),
        )
      const counted = () => results.reduce((sum, { count }) => sum + count, 0)
      await using _worker = await rig.start(pipeline)
      for (let n = 0; n < 25; n += 1) {
        await rig.put(stream, 2)
        await wait(100)
      }
      // No record comes after the last window: it closes because its time is over.
      await rig.run(pipeline, () => counted() === 50)
      const lengths = new Set(
        results.map(({ window }) => window.end.getTime() - window.start.getTime()),
      )
      const starts = results.map(({ window }) => window.start.getTime())
      return {
        observed: `50 records in 2.5 s: ${results.length} windows of ${[...lengths].join(', ')} ms at whole seconds, ${counted()} counted`,
        holds:
          results.length >= 3 &&
          [...lengths].join() === '1000' &&
          starts.every((start) => start % 1_000 === 0) &&
          new Set(starts).size === starts.length,
      }
    },
  },
]
