import type { PoolClient } from 'pg'
import { MillraceError } from '../../../base/errors.ts'
import { sqlStateOf, sqlStates } from '../../../db/sqlstate.ts'
import { type Route, readRoute } from './route.ts'
import { type Entry, type RoutedFrame, toFrames } from './to-frames.ts'

const lockTimeoutMs = 2_000
const maxAttempts = 5

/**
 * Appends records to a stream inside the caller's transaction: all of them, or it fails and the transaction has to be
 * rolled back. Returns the ids of the shards that took them, and the route as it was found.
 *
 * Writes: one frame row a shard and MiB, through millrace.append_frame. Segments that are missing are made.
 * Locks: the shards' rows until the caller's commit, which keeps numbers in the order of commits. They are taken in
 * ascending id, also across a reshard: the shards that it opens have greater ids than all that the route knew. It waits
 * at most 2 s for one (`conflict`, retryable); the caller's own lock_timeout is back afterwards.
 * Order: a shard that was closed meanwhile takes nothing (a null), so its records go on, in their order, to the shards
 * that are open now. A key's records were all among them.
 */
export async function appendEntries(
  client: PoolClient,
  entries: readonly Entry[],
  route: Route,
): Promise<{ shardIds: Set<number>; route: Route }> {
  const { rows } = await client.query<{ before: string }>(
    `select current_setting('lock_timeout') as before, set_config('lock_timeout', $1, true)`,
    [String(lockTimeoutMs)],
  )
  const shardIds = new Set<number>()
  let current = route
  let pending = entries
  for (let attempt = 1; pending.length > 0; attempt += 1) {
    if (attempt > maxAttempts)
      throw new MillraceError(
        'conflict',
        `no shard of stream "${route.stream}" stayed open long enough; the batch is tried again`,
        { retryable: true, details: { stream: route.stream } },
      )
    const groups = toFrames(pending, current)
    const results = await appendGroups(client, groups)
    if (results === 'no_segment') continue
    const closed: RoutedFrame[] = []
    for (const [index, frame] of groups.flat().entries()) {
      const result = results[index] ?? null
      if (result === null) closed.push(frame)
      else if (result.length > 1) throw overRate(current, frame, pending, result.length - 1)
      else shardIds.add(frame.shardId)
    }
    pending = closed.flatMap((frame) => frame.entries)
    if (closed.length > 0) current = await readRoute(client, route.stream)
  }
  await client.query(`select set_config('lock_timeout', $1, true)`, [rows[0]?.before ?? '0'])
  return { shardIds, route: current }
}

/**
 * What append_frame returns for each frame; 'no_segment' when one had to be made first, and nothing is appended. The
 * savepoint is what an error leaves the transaction usable by.
 */
async function appendGroups(
  client: PoolClient,
  groups: readonly (readonly RoutedFrame[])[],
): Promise<(string[] | null)[] | 'no_segment'> {
  await client.query('savepoint append_entries')
  try {
    const results: (string[] | null)[] = []
    for (const frames of groups) results.push(...(await appendGroup(client, frames)))
    await client.query('release savepoint append_entries')
    return results
  } catch (error) {
    if (sqlStateOf(error) !== sqlStates.noSegment) throw error
    await client.query('rollback to savepoint append_entries')
    await client.query(
      `select millrace.ensure_segments(id)
         from (select id from millrace.shard where id = any($1::int[]) order by id) as wanted`,
      [groups.flat().map((frame) => frame.shardId)],
    )
    return 'no_segment'
  }
}

async function appendGroup(
  client: PoolClient,
  frames: readonly RoutedFrame[],
): Promise<(string[] | null)[]> {
  const calls = frames.map((_, index) => {
    const at = index * 4
    return `millrace.append_frame($${at + 1}::int, $${at + 2}::int, $${at + 3}::text[], $${at + 4}::bytea[])`
  })
  const { rows } = await client.query<(string[] | null)[]>({
    text: `select ${calls.join(',\n       ')}`,
    values: frames.flatMap((frame) => [
      frame.shardId,
      frame.bytes,
      frame.entries.map((entry) => Buffer.from(entry.key).toString()),
      frame.data,
    ]),
    rowMode: 'array',
  })
  return rows[0] ?? []
}

/** A part of a batch cannot stay: it is whole or not at all. */
function overRate(
  route: Route,
  frame: RoutedFrame,
  entries: readonly Entry[],
  refused: number,
): MillraceError {
  const { stream, rate } = route
  const { number } = frame.shard
  const details = { stream, shard: number, refused }
  const same = toFrames(entries, route)
    .flat()
    .filter(({ shardId }) => shardId === frame.shardId)
  const records = same.reduce((sum, part) => sum + part.keys.length, 0)
  const bytes = same.reduce((sum, part) => sum + part.bytes, 0)
  if (rate && records > 1 && (records > rate.records || bytes > rate.bytes))
    return new MillraceError(
      'limit_exceeded',
      `a batch puts ${records} records (${bytes} bytes) into shard ${number} of stream "${stream}", which takes ${rate.records} records and ${rate.bytes} bytes a second: give the pipeline smaller batches, or the stream more shards`,
      { details },
    )
  return new MillraceError(
    'throughput_exceeded',
    `the rate of shard ${number} of stream "${stream}" is exceeded: the batch is tried again in a moment; if that does not end, split the shard`,
    { retryable: true, details },
  )
}
