import { wait } from '../../src/base/backoff.ts'
import { waitUntil } from '../pipeline/wait-until.ts'
import type { Probe } from './probe.ts'
import { spyOn } from './spy.ts'

/** Which records a pipeline is given: its name, its streams, its start and its filters. */
export const whereProbes: Probe[] = [
  {
    knob: 'name',
    set: 'the same again; another',
    run: async (rig) => {
      const stream = await rig.stream(100)
      const name = rig.freshName()
      const first = spyOn({ name, stream })
      await rig.run(first.pipeline, 100)
      const again = spyOn({ name, stream })
      await using _worker = await rig.start(again.pipeline)
      const other = spyOn({ name: rig.freshName(), stream })
      await rig.run(other.pipeline, 100)
      const counts = [first, again, other].map((spy) => spy.numbers().length)
      return {
        observed: `first run ${counts[0]} records, the same name again ${counts[1]}, another name ${counts[2]}`,
        holds: counts.join() === '100,0,100',
      }
    },
  },
  {
    knob: 'streams',
    set: 'two of three; all',
    run: async (rig) => {
      const streams = [await rig.stream(30), await rig.stream(40)]
      const two = spyOn({ name: rig.freshName(), streams })
      await rig.run(two.pipeline, 70)
      // From now on only, so that the streams of other probes stay out of it; but for what comes later.
      const all = spyOn({ name: rig.freshName(), streams: 'all', start: 'LATEST' })
      let later = 0
      await using _worker = await rig.start(all.pipeline)
      await waitUntil('checkpoints', async () => (await rig.status(all.pipeline)).shards.length > 2)
      await wait(300)
      await rig.stream(50)
      await waitUntil('the later stream', () => {
        later = all.numbers().length
        return later >= 50
      })
      const counts = [two.numbers().length, later]
      return {
        observed: `two: ${counts[0]} records of 70; all: ${counts[1]} of 50 in a stream made afterwards`,
        holds: counts.join() === '70,50',
      }
    },
  },
  {
    knob: 'start',
    set: 'TRIM_HORIZON',
    run: async (rig) => {
      const stream = await rig.stream(50)
      const spy = spyOn({ name: rig.freshName(), stream, start: 'TRIM_HORIZON' })
      await rig.run(spy.pipeline, 50)
      const seen = spy.numbers().length
      return { observed: `${seen} of 50 that were there`, holds: seen === 50 }
    },
  },
  {
    knob: 'start',
    set: 'LATEST',
    run: async (rig) => {
      const stream = await rig.stream(50)
      const spy = spyOn({ name: rig.freshName(), stream, start: 'LATEST' })
      await using _worker = await rig.start(spy.pipeline)
      const { name } = spy.pipeline.options
      await waitUntil('its checkpoint', async () => {
        const { rowCount } = await rig.pool.query(
          'select from millrace.checkpoint where pipeline = $1',
          [name],
        )
        return rowCount === 1
      })
      await rig.put(stream, 20)
      await waitUntil('the new ones', () => spy.numbers().length >= 20)
      await wait(300)
      const seen = spy.numbers().length
      return { observed: `${seen} of 70: the 20 put after its start`, holds: seen === 20 }
    },
  },
  {
    knob: 'start',
    set: 'AT_TIMESTAMP',
    run: async (rig) => {
      const stream = await rig.stream(30)
      await wait(50)
      const { rows } = await rig.pool.query<{ now: Date }>('select clock_timestamp() as now')
      await wait(50)
      await rig.put(stream, 20)
      const timestamp = rows[0]?.now ?? new Date()
      const spy = spyOn({
        name: rig.freshName(),
        stream,
        start: { type: 'AT_TIMESTAMP', timestamp },
      })
      await rig.run(spy.pipeline, 20)
      const seen = spy.numbers().length
      return { observed: `${seen} of 50: the 20 put after that moment`, holds: seen === 20 }
    },
  },
  {
    knob: 'filters',
    set: "data.level 'error' or n >= 90",
    run: async (rig) => {
      const stream = await rig.stream(100, {
        fields: (n) => ({ level: n % 4 === 0 ? 'error' : 'info' }),
      })
      const spy = spyOn({
        name: rig.freshName(),
        stream,
        filters: [{ data: { level: ['error'] } }, { data: { n: [{ numeric: ['>=', 90] }] } }],
      })
      await rig.run(spy.pipeline, 100)
      const { totals } = await rig.status(spy.pipeline)
      const seen = spy.numbers()
      const wanted = Array.from({ length: 100 }, (_, n) => n).filter((n) => n % 4 === 0 || n >= 90)
      return {
        observed: `${seen.length} of 100 reached the step, ${totals.filtered} counted as filtered, ${totals.behind} behind`,
        holds: seen.join() === wanted.join() && totals.filtered === 100 - wanted.length,
      }
    },
  },
]
