import type { Command } from 'commander'
import { updateShardCount } from '../../log/update-shard-count.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { wholeNumber } from '../whole-number.ts'
import { formatReshard } from './format-reshard.ts'

export function registerScale(stream: Command): void {
  stream
    .command('scale')
    .description('split and merge until a stream has so many even open shards')
    .argument('<name>')
    .argument('<count>', '1 to 500', wholeNumber)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace stream scale logs 8')
    .action((name: string, targetShardCount: number, options: { json?: boolean }) =>
      withSession(async ({ pool }) => {
        const done = await updateShardCount({ pool }, { stream: name, targetShardCount })
        console.log(options.json ? toJson(done) : formatReshard(done))
      }),
    )
}
