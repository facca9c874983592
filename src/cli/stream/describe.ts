import type { Command } from 'commander'
import { describeStream, type Shard, type Stream } from '../../log/describe-stream.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { formatShard } from './format-shard.ts'

export function registerDescribe(stream: Command): void {
  stream
    .command('describe <name>')
    .description('show a stream, and its shards below those that they came from')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace stream describe logs --json')
    .action((name: string, options: { json?: boolean }) =>
      withSession(async ({ pool }) => {
        const found = await describeStream({ pool }, name)
        console.log(options.json ? toJson(found) : formatStream(found).join('\n'))
      }),
    )
}

function formatStream(stream: Stream): string[] {
  const tags = Object.entries(stream.tags)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
  const reads = stream.limitReads ? 'held to 2 MiB and 5 calls a second and shard' : 'not limited'
  return [
    `${stream.name}: ${stream.mode}, ${stream.status}, ${stream.retentionHours} h, records up to ${stream.maxRecordBytes} bytes, since ${stream.createdAt.toISOString()}`,
    `  rate   ${stream.shardBytesPerSecond} bytes and ${stream.shardRecordsPerSecond} records a second and shard`,
    `  reads  ${reads}`,
    ...(tags.length > 0 ? [`  tags   ${tags.join(', ')}`] : []),
    ...formatTree(stream.shards),
  ]
}

/** A shard a line, one step further in than its last parent that is still kept. */
function formatTree(shards: readonly Shard[]): string[] {
  const kept = new Set(shards.map((shard) => shard.number))
  const below = new Map<number | undefined, Shard[]>()
  for (const shard of shards) {
    // Of a merge's two parents one has to do; the line names both.
    const parent = shard.parents.findLast((number) => kept.has(number))
    below.set(parent, [...(below.get(parent) ?? []), shard])
  }
  const lines = (parent: number | undefined, depth: number): string[] =>
    (below.get(parent) ?? []).flatMap((shard) => [
      `${'  '.repeat(depth)}${formatShard(shard)}`,
      ...lines(shard.number, depth + 1),
    ])
  return lines(undefined, 1)
}
