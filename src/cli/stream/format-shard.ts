import type { Shard } from '../../log/describe-stream.ts'
import { timeOfSequence } from '../../log/sequence.ts'

/** A shard on one line: number, state, hash keys, from when (and until when) it took records, and where it came from. */
export function formatShard(shard: Shard): string {
  const opened = timeOfSequence(shard.createdSeq).toISOString()
  const closed =
    shard.closedSeq === null ? '' : ` until ${timeOfSequence(shard.closedSeq).toISOString()}`
  const from = shard.parents.length > 0 ? ` of ${shard.parents.join('+')}` : ''
  return `shard ${shard.number}\t${shard.state}\thash ${shard.hashStart}..${shard.hashEnd}\tsince ${opened}${closed}\t${shard.origin}${from}`
}
