import type { Command } from 'commander'
import { pausePipeline } from '../../pipeline/operations/pause-pipeline.ts'
import { resumePipeline } from '../../pipeline/operations/resume-pipeline.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { formatWorkers } from './format-workers.ts'

export function registerPauseAndResume(pipeline: Command): void {
  pipeline
    .command('pause <name>')
    .description('stop a pipeline: once this returns, nothing more is committed')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace pipeline pause errors')
    .action((name: string, options: { json?: boolean }) =>
      withSession(async ({ pool }) => {
        const paused = await pausePipeline({ pool }, { name })
        console.log(
          options.json
            ? toJson(paused)
            : `paused pipeline ${name} in ${paused.shards} shard(s); go on with: millrace pipeline resume ${name}`,
        )
      }),
    )
  pipeline
    .command('resume <name>')
    .description('let a pipeline go on at once, also where it waits for a retry or its breaker')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace pipeline resume errors')
    .action((name: string, options: { json?: boolean }) =>
      withSession(async ({ pool }) => {
        const resumed = await resumePipeline({ pool }, { name })
        console.log(
          options.json
            ? toJson(resumed)
            : `resumed pipeline ${name} in ${resumed.shards} shard(s); ${formatWorkers(resumed.workers)}`,
        )
      }),
    )
}
