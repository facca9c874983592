import type { Command } from 'commander'
import { toMillraceError } from '../../db/sqlstate.ts'
import { describeStream } from '../../log/describe-stream.ts'
import { type Session, withSession } from '../session.ts'
import { toJson } from '../to-json.ts'

/** What millrace.stream_stats says of a shard; counts and sizes are decimal strings. */
interface ShardStats {
  stream: string
  shard: number
  state: string
  records: string
  bytes: string
  frames: string
  oldestAt: Date | null
  newestAt: Date | null
  recordsPerSecond: number
  bytesPerSecond: number
  segments: number
  diskBytes: string
}

export function registerStats(stream: Command): void {
  stream
    .command('stats [name]')
    .description('count what the shards of a stream, or of all streams, hold and take')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace stream stats logs')
    .action((name: string | undefined, options: { json?: boolean }) =>
      withSession(async (session) => {
        // Says what to do about a stream that is not there; the database's own error does not.
        if (name !== undefined) await describeStream(session, name)
        const shards = await readStats(session, name ?? null)
        if (options.json) console.log(toJson(shards))
        else if (shards.length === 0)
          console.log('no streams yet; create one with: millrace stream create logs')
        else for (const shard of shards) console.log(format(shard))
      }),
    )
}

async function readStats(session: Session, name: string | null): Promise<ShardStats[]> {
  const { rows } = await session.pool
    .query<ShardStats>(
      `select stream, shard, state, records, bytes, frames, segments,
              oldest_at as "oldestAt", newest_at as "newestAt",
              records_per_second as "recordsPerSecond", bytes_per_second as "bytesPerSecond",
              disk_bytes as "diskBytes"
         from millrace.stream_stats($1)`,
      [name],
    )
    .catch((error: unknown) => {
      throw toMillraceError(error, 'reading the statistics')
    })
  return rows
}

function format(stats: ShardStats): string {
  const span =
    stats.oldestAt && stats.newestAt
      ? `${stats.oldestAt.toISOString()} to ${stats.newestAt.toISOString()}`
      : 'empty'
  const rate = `${stats.recordsPerSecond.toFixed(1)} records/s, ${Math.round(stats.bytesPerSecond)} bytes/s`
  return [
    `${stats.stream}/${stats.shard}`,
    stats.state,
    `${stats.records} records, ${stats.bytes} bytes in ${stats.frames} appends`,
    span,
    rate,
    `${stats.segments} segments, ${stats.diskBytes} bytes on disk`,
  ].join('\t')
}
