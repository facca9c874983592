// Every knob of a pipeline, of its steps and of a worker: what it was set to and what was seen of it in a run of its own
// on the embedded engine. Nothing here is said by hand: each row is what its probe counted.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../src/base/errors.ts'
import { createLogger } from '../src/base/logger.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { createProducer } from '../src/log/producer.ts'
import { batchProbes } from './knobs/batches.ts'
import { failureProbes } from './knobs/failures.ts'
import type { Observation, Probe } from './knobs/probe.ts'
import { prepareMaxAge, retryProbes } from './knobs/retries.ts'
import { createRig, type KnobRig } from './knobs/rig.ts'
import { stepProbes } from './knobs/steps.ts'
import { whereProbes } from './knobs/where.ts'
import { workerProbes } from './knobs/workers.ts'
import { serverVersion } from './pipeline/server-version.ts'
import type { Benchmark } from './support/benchmark.ts'

export const benchmark: Benchmark = {
  about: 'every knob of a pipeline, a step and a worker, and what was seen of it',
  needs: 'embedded',
  seconds: 1,
  rounds: 1,
  run: async ({ note }) => {
    const dir = await mkdtemp(join(tmpdir(), 'millrace-knobs-'))
    // What is given up and what fails is logged, and meant here.
    const logger = createLogger({ level: 'fatal' })
    const db = await openDatabase({ logger }, { databaseUrl: undefined, dir })
    const producer = createProducer({ ...db, logger })
    try {
      const rig = createRig({ ...db, logger, producer })
      const maxAge = await prepareMaxAge(rig)
      const probes = [
        ...whereProbes,
        ...batchProbes,
        ...retryProbes,
        ...failureProbes,
        ...stepProbes,
        ...workerProbes,
        maxAge,
      ]
      const rows: [Probe, Observation][] = []
      for (const probe of probes) {
        const seen = await observe(rig, probe)
        note(`${probe.knob} ${probe.set}: ${seen.observed}${seen.holds ? '' : ' (NOT AS SAID)'}`)
        rows.push([probe, seen])
      }
      const wrong = rows.filter(([, { holds }]) => !holds)
      return {
        title: 'Knobs: what was set and what was seen',
        tables: [
          {
            title: 'each row is a run of its own',
            columns: ['knob', 'set', 'seen', 'as said'],
            rows: rows.map(([{ knob, set }, { observed, holds }]) => [
              knob,
              set,
              observed,
              holds ? 'yes' : 'NO',
            ]),
          },
        ],
        figures: {
          'not as said': { value: wrong.length, unit: 'knobs', better: 'less' },
        },
        versions: { engine: `embedded, PostgreSQL ${await serverVersion(db.pool)}` },
        remarks: [
          `${rows.length - wrong.length} of ${rows.length} as said.`,
          'Workers look each 100 ms here and linger as long, unless that is the knob; waits come on top of what is set.',
        ],
      }
    } finally {
      await producer.stop()
      await db.close()
      await rm(dir, { recursive: true, force: true })
    }
  },
}

/** A probe that fails is a row too. */
async function observe(rig: KnobRig, probe: Probe): Promise<Observation> {
  try {
    return await probe.run(rig)
  } catch (error) {
    return { observed: messageOf(error), holds: false }
  }
}
