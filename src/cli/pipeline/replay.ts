import type { Command } from 'commander'
import { replayPipeline } from '../../pipeline/operations/replay-pipeline.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { formatWorkers } from './format-workers.ts'
import { earlierPosition } from './position.ts'

interface ReplayOptions {
  from: 'TRIM_HORIZON' | Date
  as: string
  stream?: string[]
  json?: boolean
}

export function registerReplay(pipeline: Command): void {
  pipeline
    .command('replay <name>')
    .description(
      "run a pipeline's steps again from an earlier place, beside it and under a name of its own",
    )
    .requiredOption('--from <position>', 'TRIM_HORIZON or a time', earlierPosition)
    .requiredOption('--as <new>', 'the name of the replay')
    .option('--stream <stream...>', 'only these of its streams (default: all of them)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The replay catches up and then goes on beside the pipeline, until it is deleted.

Examples:
  millrace pipeline replay errors --from TRIM_HORIZON --as errors-again
  millrace pipeline replay errors --from 2026-11-23T10:00:00Z --as errors-again --stream logs`,
    )
    .action((name: string, options: ReplayOptions) =>
      withSession(async ({ pool }) => {
        const { from, as, stream } = options
        const replay = await replayPipeline(
          { pool },
          { name, as, from, ...(stream && { streams: stream }) },
        )
        console.log(
          options.json
            ? toJson(replay)
            : `replaying ${name} as ${as}: ${replay.behind} records in ${replay.shards} shard(s); ${formatWorkers(replay.workers)}; see it with: millrace pipeline status ${as}`,
        )
      }),
    )
}
