// Pipelines at work: the built-in one from the log to what can be searched, and what the runtime itself takes.

import { openRig } from './pipeline/log-rig.ts'
import { runLogsPart } from './pipeline/logs-part.ts'
import { runNoOpPart } from './pipeline/no-op-part.ts'
import { serverVersion } from './pipeline/server-version.ts'
import type { Benchmark } from './support/benchmark.ts'

export const benchmark: Benchmark = {
  about:
    'records a second through pipelines: from append to searchable, and with a sink that does nothing',
  needs: 'server',
  seconds: 5,
  rounds: 3,
  async run(options) {
    await using rig = await openRig()
    const parts = [await runLogsPart(rig, options), await runNoOpPart(rig, options)]
    return {
      title: 'Pipeline: from append to searchable',
      tables: parts.flatMap(({ tables }) => tables),
      figures: Object.assign({}, ...parts.map(({ figures }) => figures)),
      versions: { postgres: await serverVersion(rig.db.pool) },
      remarks: parts.flatMap(({ remarks }) => remarks),
    }
  },
}
