import type { Command } from 'commander'
import { getRecords } from '../../log/get-records.ts'
import { printRecord } from '../print-record.ts'
import { type Session, withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { wholeNumber } from '../whole-number.ts'

export function registerGet(stream: Command): void {
  stream
    .command('get <iterator>')
    .description('read records from an iterator on, and say where to go on')
    .option('-n, --limit <count>', 'at most so many records, 1 to 10000', wholeNumber, 10_000)
    .option('--json', 'print one JSON object with everything')
    .addHelpText(
      'after',
      `
Example:
  millrace stream get $(millrace stream iterator logs 0 --type TRIM_HORIZON) --limit 100`,
    )
    .action((shardIterator: string, options: { limit: number; json?: boolean }) =>
      withSession((session) => get(session, shardIterator, options)),
    )
}

async function get(
  session: Session,
  shardIterator: string,
  options: { limit: number; json?: boolean },
): Promise<void> {
  const { records, stream, shard, ...end } = await getRecords(session, {
    shardIterator,
    limit: options.limit,
  })
  const place = { stream, shard }
  if (options.json) {
    const shown = records.map((record) => ({ ...record, data: record.data.toString('utf8') }))
    console.log(toJson({ ...place, records: shown, ...end }))
    return
  }
  for (const record of records) printRecord(place, record)
  // Not on stdout, which holds records and nothing else.
  if (end.nextShardIterator !== null)
    process.stderr.write(
      `${end.millisBehindLatest} ms behind the newest record; next iterator:\n${end.nextShardIterator}\n`,
    )
  else if (end.childShards.length === 0)
    process.stderr.write(`shard ${place.shard} has ended: its stream is being deleted\n`)
  else
    for (const child of end.childShards)
      process.stderr.write(
        `shard ${place.shard} has ended; it goes on in shard ${child.number} (of ${child.parents.join('+')}): hash ${child.hashStart}..${child.hashEnd}\n`,
      )
}
