/** A checkpoint as it was seen. */
export interface CheckpointRow {
  pipeline: string
  shardId: number
  owner: string | null
  epoch: string
  seq: string
  /** Whether the shard holds records after it. */
  isBehind: boolean
  /**
   * Whether nothing but a worker is missing: there are such records, the pipeline is neither paused nor waits for its
   * breaker or a retry, and the shard's ancestors are done.
   */
  isWorkable: boolean
}

/** All checkpoints at a moment (ms); null when the database did not answer. */
export interface Sample {
  at: number
  rows: readonly CheckpointRow[] | null
}

export interface TakeOver {
  cause: string
  pipeline: string
  shardId: number
  ms: number
  /** So much of it the shard was workable and the database answered: what a new owner can be blamed for. */
  workableMs: number
  /** The database was away meanwhile. */
  withOutage: boolean
}

export interface Gap {
  ms: number
  /** When it began: ms since the run's first sample. */
  atMs: number
}

export interface Progress {
  takeOvers: TakeOver[]
  /** Leases of a worker that was hit which nobody took until the end: nothing was left to do in their shards. */
  notTaken: number
  /** By pipeline: the longest time without any commit while there was work; `served` counts only while the database answered. */
  gaps: Record<string, { whole: Gap; served: Gap }>
  /** The longest time that the database did not answer. */
  outage: Gap
  /** By pipeline: the longest time that one workable shard stood still while the database answered. */
  stalls: Record<string, Gap & { shardId: number }>
}

interface Hit {
  cause: string
  at: number
  row: CheckpointRow
  workableMs: number
  /** The end of the time that has been looked at, and whether the shard was workable then. */
  seenTo: number
  wasWorkable: boolean
  withOutage: boolean
}

/** A worker that only froze may commit what it had begun; this long after it was hit nothing is under way any more. */
const settledMs = 1_000

/** Follows checkpoints, to tell how long leases took to change hands and how long nothing moved. Pure. */
export function createProgressTracker() {
  let first: number | undefined
  /** Since when the database has answered. */
  let servedSince = 0
  let last: readonly CheckpointRow[] = []
  let awaySince: number | undefined
  let open: Hit[] = []
  const takeOvers: TakeOver[] = []
  const gaps: Progress['gaps'] = {}
  const stalls: Progress['stalls'] = {}
  /** By pipeline, and by pipeline and shard: the checkpoints then, and when they last moved. */
  const moved = new Map<string, { seq: string; at: number }>()

  const none = (): Gap => ({ ms: 0, atMs: 0 })
  const outage = none()
  const longest = (gap: Gap, from: number, to: number) => {
    if (to - from <= gap.ms) return
    gap.ms = to - from
    gap.atMs = from - (first ?? 0)
  }

  const isTaken = ({ row, at }: Hit, now: CheckpointRow | undefined, time: number) =>
    now !== undefined &&
    (now.epoch !== row.epoch ||
      now.owner === null ||
      (now.seq !== row.seq && time > at + settledMs))

  const observePipeline = (pipeline: string, rows: readonly CheckpointRow[], at: number) => {
    const own = rows.filter((row) => row.pipeline === pipeline)
    const seq = own.map((row) => `${row.shardId}:${row.seq}`).join()
    const before = moved.get(pipeline) ?? { seq: '', at }
    gaps[pipeline] ??= { whole: none(), served: none() }
    longest(gaps[pipeline].whole, before.at, at)
    longest(gaps[pipeline].served, Math.max(before.at, servedSince), at)
    // Nothing to do is no gap.
    if (before.seq !== seq || !own.some(({ isBehind }) => isBehind))
      moved.set(pipeline, { seq, at })
  }

  const observeShard = (row: CheckpointRow, at: number) => {
    const name = `${row.pipeline}:${row.shardId}`
    const before = moved.get(name) ?? { seq: '', at }
    stalls[row.pipeline] ??= { ...none(), shardId: row.shardId }
    const stall = stalls[row.pipeline]
    const from = Math.max(before.at, servedSince)
    if (stall && at - from > stall.ms) {
      longest(stall, from, at)
      stall.shardId = row.shardId
    }
    if (before.seq !== row.seq || !row.isWorkable) moved.set(name, { seq: row.seq, at })
  }

  return {
    observe: ({ at, rows }: Sample) => {
      first ??= at
      if (rows === null) {
        awaySince ??= at
        for (const hit of open) hit.withOutage = true
        return
      }
      if (awaySince !== undefined) {
        servedSince = at
        longest(outage, awaySince, at)
      }
      awaySince = undefined
      for (const pipeline of new Set(rows.map((row) => row.pipeline)))
        observePipeline(pipeline, rows, at)
      for (const row of rows) observeShard(row, at)
      const now = new Map(rows.map((row) => [`${row.pipeline}:${row.shardId}`, row]))
      open = open.filter((hit) => {
        const { pipeline, shardId } = hit.row
        const row = now.get(`${pipeline}:${shardId}`)
        if (hit.wasWorkable && servedSince < at)
          hit.workableMs += at - Math.max(hit.seenTo, servedSince)
        hit.seenTo = at
        hit.wasWorkable = row?.isWorkable ?? false
        if (!isTaken(hit, row, at)) return true
        const { cause, workableMs, withOutage } = hit
        takeOvers.push({ cause, pipeline, shardId, ms: at - hit.at, workableMs, withOutage })
        return false
      })
      last = rows
    },
    /** Notes that a worker was hit: of the leases that it holds, as last seen, the next taking is waited for. */
    hit: (cause: string, at: number, isIts: (owner: string) => boolean): number => {
      const held = last.filter(({ owner }) => owner !== null && isIts(owner))
      for (const row of held)
        open.push({
          cause,
          at,
          row,
          workableMs: 0,
          seenTo: at,
          wasWorkable: row.isWorkable,
          withOutage: awaySince !== undefined,
        })
      return held.length
    },
    progress: (): Progress => ({ takeOvers, notTaken: open.length, gaps, outage, stalls }),
  }
}
