import type { Command } from 'commander'
import { listStreams } from '../../log/list-streams.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'

export function registerList(stream: Command): void {
  stream
    .command('list')
    .description('list streams')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace stream list')
    .action((options: { json?: boolean }) =>
      withSession(async ({ pool }) => {
        const streams = await listStreams({ pool })
        if (options.json) console.log(toJson(streams))
        else if (streams.length === 0)
          console.log('no streams yet; create one with: millrace stream create logs')
        else
          for (const { name, openShards, retentionHours, mode } of streams)
            console.log(`${name}\t${openShards} shard(s)\t${retentionHours} h\t${mode}`)
      }),
    )
}
