import type { Pool } from 'pg'
import { listShards } from '../../src/log/list-shards.ts'
import { mergeShards } from '../../src/log/merge-shards.ts'
import { splitShard } from '../../src/log/split-shard.ts'
import { updateShardCount } from '../../src/log/update-shard-count.ts'
import type { ReshardKind } from './plan-faults.ts'

const mostShards = 8

/** A split where there are too many shards is a merge, and a merge where there is one is a split; returns what it was. */
export async function reshard(
  pool: Pool,
  stream: string,
  kind: ReshardKind,
  pick: number,
): Promise<ReshardKind> {
  const { shards } = await listShards({ pool }, { stream, filter: { type: 'AT_LATEST' } })
  const ring = shards.toSorted((a, b) => (a.hashStart < b.hashStart ? -1 : 1))
  if (kind === 'scale') {
    // Another count than there is: a scaling to the same one changes nothing.
    const counts = [2, 3, 4, 5, 6].filter((target) => target !== ring.length)
    const targetShardCount = counts[Math.floor(pick * counts.length)] ?? 4
    await updateShardCount({ pool }, { stream, targetShardCount })
    return kind
  }
  const isSplit = ring.length < 2 || (kind === 'split' && ring.length < mostShards)
  const places = isSplit ? ring.length : ring.length - 1
  const at = Math.floor(pick * places)
  const [shard, next] = [ring[at], ring[at + 1]]
  if (isSplit && shard) await splitShard({ pool }, { stream, shard: shard.number })
  else if (shard && next)
    await mergeShards({ pool }, { stream, shard: shard.number, adjacentShard: next.number })
  return isSplit ? 'split' : 'merge'
}
