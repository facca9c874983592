import { wait } from '../../src/base/backoff.ts'
import { takeLease } from '../../src/pipeline/scheduling/lease.ts'
import { waitUntil } from '../pipeline/wait-until.ts'
import type { Observation, Probe } from './probe.ts'
import type { KnobRig } from './rig.ts'
import { spyOn } from './spy.ts'

/** The knobs of a worker, but for its concurrency (batches.ts). */
export const workerProbes: Probe[] = [
  { knob: 'worker leaseMs', set: '900', run: (rig) => lease(rig, 900) },
  { knob: 'worker leaseMs', set: '4,000', run: (rig) => lease(rig, 4_000) },
  {
    knob: 'worker leaseMs',
    set: '1,500, its owner dead',
    run: async (rig) => {
      const stream = await rig.stream(10)
      const name = rig.freshName()
      const spy = spyOn({ name, stream })
      await rig.run(spy.pipeline, 10)
      const { rows } = await rig.pool.query<{ id: number }>(
        'select shard_id as id from millrace.checkpoint where pipeline = $1',
        [name],
      )
      // What a worker leaves that is killed: a lease that nobody renews.
      const key = { pipeline: name, shardId: rows[0]?.id ?? 0 }
      await takeLease(rig, key, { owner: 'dead', leaseMs: 1_500 })
      const died = performance.now()
      await rig.put(stream, 10)
      await rig.run(spy.pipeline, 20)
      const ms = Math.round((spy.calls.at(-1)?.began ?? Number.NaN) - died)
      return {
        observed: `the next worker had the shard after ${ms} ms, ${spy.numbers().length} records once each`,
        holds: ms >= 1_450 && spy.numbers().length === 20,
      }
    },
  },
  { knob: 'worker pollMs', set: '200', run: (rig) => polls(rig, 200) },
  { knob: 'worker pollMs', set: '1,000', run: (rig) => polls(rig, 1_000) },
  { knob: 'worker lingerMs', set: '200', run: (rig) => linger(rig, 200) },
  { knob: 'worker lingerMs', set: '1,500', run: (rig) => linger(rig, 1_500) },
  { knob: 'worker turnMs', set: '500', run: (rig) => turns(rig, 500) },
  { knob: 'worker turnMs', set: '2,000', run: (rig) => turns(rig, 2_000) },
  { knob: 'worker graceMs', set: '300', run: (rig) => grace(rig, 300) },
  { knob: 'worker graceMs', set: '10,000', run: (rig) => grace(rig, 10_000) },
]

/** A call of 2.5 s: how far ahead its lease is meanwhile, and whether it keeps it. */
async function lease(rig: KnobRig, leaseMs: number): Promise<Observation> {
  const stream = await rig.stream(10)
  const name = rig.freshName()
  const spy = spyOn({ name, stream }, () => wait(2_500))
  const left: number[] = []
  await rig.run(
    spy.pipeline,
    async () => {
      const { rows } = await rig.pool.query<{ ms: number | null; records: number }>(
        `select extract(epoch from lease_expires_at - clock_timestamp())::float8 * 1000 as ms,
                records::int as records
           from millrace.checkpoint
          where pipeline = $1`,
        [name],
      )
      const [row] = rows
      if (row?.ms != null && row.records === 0) left.push(row.ms)
      return row?.records === 10
    },
    { leaseMs },
  )
  const [least, most] = [Math.min(...left), Math.max(...left)].map(Math.round)
  return {
    observed: `a call of 2,500 ms: its lease had ${least}-${most} ms left, ${spy.calls.length} call`,
    holds:
      (least ?? 0) > 0 &&
      (most ?? 0) > leaseMs / 2 &&
      (most ?? 0) <= leaseMs &&
      spy.calls.length === 1,
  }
}

/** How often an idle worker signs the roster, which it does with each look. */
async function polls(rig: KnobRig, pollMs: number): Promise<Observation> {
  const stream = await rig.stream()
  const spy = spyOn({ name: rig.freshName(), stream })
  await using worker = await rig.start(spy.pipeline, { pollMs })
  const looks = new Set<string>()
  const until = performance.now() + 3_000
  while (performance.now() < until) {
    const { rows } = await rig.pool.query<{ seen: string }>(
      'select seen_at::text as seen from millrace.worker where id = $1',
      [worker.id],
    )
    for (const { seen } of rows) looks.add(seen)
    await wait(20)
  }
  const most = 3_000 / pollMs
  return {
    observed: `${looks.size} looks in 3 s`,
    holds: looks.size <= most + 2 && looks.size >= most / 2,
  }
}

/** How long a shard that is read to its end keeps its owner. */
async function linger(rig: KnobRig, lingerMs: number): Promise<Observation> {
  const stream = await rig.stream(10)
  const name = rig.freshName()
  const spy = spyOn({ name, stream })
  await using _worker = await rig.start(spy.pipeline, { lingerMs })
  await waitUntil('the call', () => spy.calls.length === 1)
  const ended = performance.now()
  await waitUntil('the lease to be given back', async () => {
    const { rows } = await rig.pool.query<{ isFree: boolean }>(
      'select owner is null as "isFree" from millrace.checkpoint where pipeline = $1',
      [name],
    )
    return rows[0]?.isFree === true
  })
  const ms = Math.round(performance.now() - ended)
  return {
    observed: `${ms} ms from the last call to the lease given back`,
    holds: ms >= lingerMs - 50 && ms < lingerMs + 1_000,
  }
}

/** Two shards that have calls of 50 ms for four seconds each, and one place for both. */
async function turns(rig: KnobRig, turnMs: number): Promise<Observation> {
  const stream = await rig.stream(160, { shards: 2, keys: 160 })
  const spy = spyOn({ name: rig.freshName(), stream, batch: { records: 1 } }, () => wait(50))
  await rig.run(spy.pipeline, 160, { turnMs, concurrency: 1 })
  // What is left of the shard that ends first is no turn.
  const ends = [...new Set(spy.calls.map((call) => call.shardId))].map((shardId) =>
    spy.calls.findLastIndex((call) => call.shardId === shardId),
  )
  const calls = spy.calls.slice(0, Math.min(...ends))
  const starts = calls.filter((call, at) => call.shardId !== calls[at - 1]?.shardId)
  const lengths = starts.slice(1).map((call, at) => call.began - (starts[at]?.began ?? 0))
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)].map(Math.round)
  return {
    observed: `${lengths.length} turns of ${least}-${most} ms`,
    // A turn begins when the place is taken, and is seen from its first call on: some ms later, not always as many.
    holds: (least ?? 0) >= turnMs - 50 && (most ?? Number.NaN) < turnMs + 700,
  }
}

/** A stop in the middle of a call of two seconds. */
async function grace(rig: KnobRig, graceMs: number): Promise<Observation> {
  const stream = await rig.stream(10)
  const spy = spyOn({ name: rig.freshName(), stream }, () => wait(2_000))
  await using worker = await rig.start(spy.pipeline, { graceMs })
  await waitUntil('the call', () => spy.calls.length === 1)
  const began = performance.now()
  await worker.stop()
  const ms = Math.round(performance.now() - began)
  const { totals } = await rig.status(spy.pipeline)
  const isPatient = graceMs > 2_000
  return {
    observed: `a stop in a call of 2,000 ms took ${ms} ms and ${totals.records} of 10 records were committed`,
    holds: isPatient
      ? totals.records === 10
      : totals.records === 0 && ms >= graceMs - 10 && ms < 1_900,
  }
}
