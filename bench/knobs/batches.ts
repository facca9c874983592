import { wait } from '../../src/base/backoff.ts'
import { waitUntil } from '../pipeline/wait-until.ts'
import type { Observation, Probe } from './probe.ts'
import type { KnobRig } from './rig.ts'
import { type Spy, type SpyCall, spyOn } from './spy.ts'

/** How records are put into calls, and how many calls there are at a time. */
export const batchProbes: Probe[] = [
  {
    knob: 'batch.records',
    set: '100',
    run: async (rig) => {
      const stream = await rig.stream(1_050)
      const spy = spyOn({ name: rig.freshName(), stream, batch: { records: 100 } })
      await rig.run(spy.pipeline, 1_050)
      const sizes = spy.calls.map(({ numbers }) => numbers.length)
      return {
        observed: `1,050 records in ${sizes.length} calls, at most ${Math.max(...sizes)} in one`,
        holds: Math.max(...sizes) === 100 && sizes.length === 11,
      }
    },
  },
  {
    knob: 'batch.bytes',
    set: '10,240',
    run: async (rig) => {
      const stream = await rig.stream(50, { bytes: 1_000 })
      await rig.put(stream, 1, { bytes: 20_000 })
      await rig.put(stream, 5, { bytes: 1_000 })
      const spy = spyOn({ name: rig.freshName(), stream, batch: { bytes: 10_240 } })
      await rig.run(spy.pipeline, 56)
      const large = spy.calls.filter((call) => bytesOf(call) > 10_240)
      const small = spy.calls.filter((call) => bytesOf(call) <= 10_240).map(bytesOf)
      return {
        observed: `at most ${Math.max(...small)} B in a call; the record of 20,000 B in a call of ${large[0]?.numbers.length}`,
        holds: small.length >= 6 && large.length === 1 && large[0]?.numbers.length === 1,
      }
    },
  },
  { knob: 'batch.windowMs', set: '0', run: (rig) => trickle(rig, 0) },
  { knob: 'batch.windowMs', set: '1,500', run: (rig) => trickle(rig, 1_500) },
  { knob: 'parallelization', set: '1', run: (rig) => lanes(rig, 1) },
  { knob: 'parallelization', set: '4', run: (rig) => lanes(rig, 4) },
  { knob: 'concurrency', set: '1', run: (rig) => shards(rig, { pipeline: 1, worker: 4 }) },
  { knob: 'concurrency', set: '3', run: (rig) => shards(rig, { pipeline: 3, worker: 4 }) },
  { knob: 'worker concurrency', set: '2', run: (rig) => shards(rig, { worker: 2 }) },
  { knob: 'worker concurrency', set: '4', run: (rig) => shards(rig, { worker: 4 }) },
]

function bytesOf(call: SpyCall): number {
  return call.records.reduce(
    (sum, { data, partitionKey }) => sum + data.length + Buffer.byteLength(partitionKey),
    0,
  )
}

/** Ten records, one each 100 ms: when the first call comes and what is in it. */
async function trickle(rig: KnobRig, windowMs: number): Promise<Observation> {
  const stream = await rig.stream()
  const spy = spyOn({ name: rig.freshName(), stream, batch: { windowMs } })
  await using _worker = await rig.start(spy.pipeline)
  const began = performance.now()
  for (let n = 0; n < 10; n += 1) {
    await rig.put(stream, 1)
    await wait(100)
  }
  await waitUntil('all ten', () => spy.numbers().length === 10)
  const [first] = spy.calls
  const afterMs = Math.round((first?.began ?? Number.NaN) - began)
  return {
    observed: `ten records in a second: ${spy.calls.length} calls, the first after ${afterMs} ms with ${first?.numbers.length}`,
    holds: windowMs === 0 ? spy.calls.length > 2 : afterMs >= windowMs && spy.calls.length === 1,
  }
}

/** Calls at a time for one shard, and whether each key's records kept their order. */
async function lanes(rig: KnobRig, parallelization: number): Promise<Observation> {
  const stream = await rig.stream(400, { keys: 40 })
  const done: { key: string; sequence: bigint }[] = []
  const spy = spyOn(
    { name: rig.freshName(), stream, parallelization, batch: { records: 20 } },
    async ({ records }) => {
      await wait(20)
      for (const { partitionKey: key, sequence } of records) done.push({ key, sequence })
    },
  )
  const began = performance.now()
  await rig.run(spy.pipeline, 400)
  const last = new Map<string, bigint>()
  let unordered = 0
  for (const { key, sequence } of done) {
    if (sequence <= (last.get(key) ?? 0n)) unordered += 1
    last.set(key, sequence)
  }
  const most = spy.mostAtOnce()
  return {
    observed: `at most ${most} calls at a time for one shard, ${Math.round(performance.now() - began)} ms in all, ${unordered} of ${last.size} keys out of order`,
    holds: most === parallelization && unordered === 0 && done.length === 400,
  }
}

/** Shards at work at a time, of four, in one process. */
async function shards(
  rig: KnobRig,
  set: { pipeline?: number; worker: number },
): Promise<Observation> {
  const stream = await rig.stream(400, { shards: 4, keys: 100 })
  const name = rig.freshName()
  const concurrency = set.pipeline === undefined ? {} : { concurrency: set.pipeline }
  const spy: Spy = spyOn({ name, stream, ...concurrency, batch: { records: 25 } }, () => wait(150))
  await rig.run(spy.pipeline, 400, { concurrency: set.worker })
  const most = spy.mostAtOnce()
  const ids = new Set(spy.calls.map(({ shardId }) => shardId))
  return {
    observed: `at most ${most} of ${ids.size} shards at a time, all ${spy.numbers().length} records`,
    holds: most === Math.min(set.pipeline ?? set.worker, set.worker) && ids.size === 4,
  }
}
