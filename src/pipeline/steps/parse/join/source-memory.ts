import type { Span } from '../../../step.ts'
import type { OpenEvent } from './open-event.ts'

/** Bytes of what is remembered for a shard, and for all of them, about. */
const maxBytes = 16 << 20
const maxAllBytes = 64 << 20
/** What a source takes beside its records' bytes: an event, its names, two places in the map. */
const sourceBytes = 1_024

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
 * another worker's meanwhile, or only a part was committed) starts anew, and so does one that knows too much; shards that
 * were not worked for the longest are forgotten first.
 */
export function createSourceMemory(): { enter(shardId: number, span: Span): ShardMemory } {
  /** The one that was worked last is the last. */
  const shards = new Map<number, ReturnType<typeof createShard>>()
  return {
    enter: (shardId, span) => {
      const known = shards.get(shardId)
      const shard = known?.goOn(span) ? known : createShard(span)
      shards.delete(shardId)
      let bytes = 0
      for (const other of shards.values()) bytes += other.bytes()
      for (const [id, oldest] of shards) {
        if (bytes <= maxAllBytes) break
        bytes -= oldest.bytes()
        shards.delete(id)
      }
      shards.set(shardId, shard)
      return shard
    },
  }
}

function createShard(first: Span): ShardMemory & { goOn(span: Span): boolean; bytes(): number } {
  const sources = new Map<string, Entry>()
  let { after, to } = first
  let unit = 0
  let bytes = 0
  return {
    start: first.after,
    lookingBack: undefined,
    isSeeded: false,
    // An empty one counts as well: there may be many.
    bytes: () => bytes + sourceBytes,
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
      if (entry === undefined) bytes += sourceBytes + source.length
      bytes += open.bytes - (entry?.current.bytes ?? 0)
      sources.set(source, { unit, base, current: open })
    },
    seed: (source, open) => {
      const entry = sources.get(source)
      if (entry !== undefined) {
        entry.base ??= open
        return
      }
      sources.set(source, { unit: -1, base: undefined, current: open })
      bytes += sourceBytes + source.length + open.bytes
    },
  }
}
