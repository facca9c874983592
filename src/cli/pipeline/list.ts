import type { Command } from 'commander'
import { listPipelines, type PipelineSummary } from '../../pipeline/operations/list-pipelines.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { formatDuration } from './format-duration.ts'
import { formatWorkers } from './format-workers.ts'

export function registerList(pipeline: Command): void {
  pipeline
    .command('list')
    .description('list pipelines and replays, and how far behind they are')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace pipeline list')
    .action((options: { json?: boolean }) =>
      withSession(async ({ pool }) => {
        const pipelines = await listPipelines({ pool })
        if (options.json) console.log(toJson(pipelines))
        else if (pipelines.length === 0)
          console.log('no pipelines yet; start a worker, which runs some: millrace worker')
        else for (const found of pipelines) console.log(format(found))
      }),
    )
}

function format(found: PipelineSummary): string {
  const streams =
    found.streams === 'all' ? 'all streams' : (found.streams?.join(', ') ?? 'streams unknown')
  const behind =
    found.behind === 0
      ? 'caught up'
      : `${found.behind} behind, for ${formatDuration(found.iteratorAgeMs)}`
  return [
    found.name,
    found.breaker === 'closed' ? found.state : `${found.state}, breaker ${found.breaker}`,
    streams,
    `${found.shards} shard(s)`,
    behind,
    formatWorkers(found.workers),
    ...(found.replayOf === null ? [] : [`replay of ${found.replayOf}`]),
    ...(found.lastError === null ? [] : [`last error: ${found.lastError}`]),
  ].join('\t')
}
