import type { Span } from '../../../step.ts'
import type { OpenEvent } from './open-event.ts'

/** Bytes of records behind the events that are remembered for a shard, about. */
const maxBytes = 4 << 20
const maxShards = 1_024

interface Entry {
  /** The unit that wrote `current`. */
  unit: number
  /** As it was when that unit began. */
  base: OpenEvent | undefined
  current: OpenEvent
}

/** What is known of a shard's sources: from `start` on without a gap, and before it where somebody looked. */
export interface ShardMemory {
  /** The checkpoint that the first unit stood behind. */
  readonly start: bigint
  /** Looks at what is before `start`; once. */
  lookingBack: Promise<void> | undefined
  isSeeded: boolean
  /** The event that the source's last record before `sequence` belongs to. */
  find(source: string, sequence: bigint): OpenEvent | undefined
  /** Sets it; `before` is what `find` answered for the source's first record of the call. */
  set(source: string, open: OpenEvent, before: OpenEvent | undefined): void
  /** Adds what was found before `start`. */
  seed(source: string, open: OpenEvent): void
}

/**
 * Remembers the last event of each source of each shard, from batch to batch.
 *
 * A call may come again for records that were seen (a failure, a batch cut in halves), so for each source two states are
 * kept: before the unit, and after it as last tried. The one that ends before the asked record is right: all records
 * between are tried again before it, in order. A unit that does not begin where the one before ended (the shard was
 * another worker's meanwhile, or only a part was committed) starts anew.
 */
export function createSourceMemory(): { enter(shardId: number, span: Span): ShardMemory } {
  const shards = new Map<number, ReturnType<typeof createShard>>()
  return {
    enter: (shardId, span) => {
      const known = shards.get(shardId)
      if (known?.goOn(span)) return known
      const shard = createShard(span)
      shards.delete(shardId)
      const [oldest] = shards.keys()
      if (shards.size >= maxShards && oldest !== undefined) shards.delete(oldest)
      shards.set(shardId, shard)
      return shard
    },
  }
}

function createShard(first: Span): ShardMemory & { goOn(span: Span): boolean } {
  const sources = new Map<string, Entry>()
  let { after, to } = first
  let unit = 0
  let bytes = 0
  return {
    start: first.after,
    lookingBack: undefined,
    isSeeded: false,
    goOn: (span) => {
      if (span.after !== after) {
        if (span.after !== to || bytes > maxBytes) return false
        after = span.after
        unit += 1
      }
      to = span.to
      return true
    },
    find: (source, sequence) => {
      const entry = sources.get(source)
      if (entry === undefined || entry.current.lastSequence < sequence) return entry?.current
      return entry.base !== undefined && entry.base.lastSequence < sequence ? entry.base : undefined
    },
    set: (source, open, before) => {
      const entry = sources.get(source)
      const base = entry?.unit === unit ? entry.base : before
      bytes += open.bytes + source.length - (entry?.current.bytes ?? 0)
      sources.set(source, { unit, base, current: open })
    },
    seed: (source, open) => {
      const entry = sources.get(source)
      if (entry === undefined) sources.set(source, { unit: -1, base: undefined, current: open })
      else entry.base ??= open
    },
  }
}
