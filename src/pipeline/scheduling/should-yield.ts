/** A shard that this process works. */
export interface Run {
  /** Its pipeline. */
  readonly name: string
  /** When it began: ms of this process' clock. */
  readonly began: number
  /** Others have passed its job on until nobody was left: it is worked here, whatever the share. */
  readonly isLeft: boolean
  /** It has been told to leave its shard to others. */
  isYielding: boolean
}

/** How the worker stands that a run belongs to. */
export interface Standing {
  runs: Iterable<Run>
  /** Shards that could be worked and that nobody works, by pipeline, as the last look found them. */
  waiting: ReadonlyMap<string, number>
  /** Shards that it works at the same time: of all pipelines, of one, and its even share of one. */
  concurrency: number
  limitOf: (name: string) => number
  shareOf: (name: string) => number
  now: number
  /** How long a run keeps its place when others wait for one. */
  turnMs: number
}

/**
 * Tells a run between two batches whether it is to leave its shard: because the worker works more than its share of the
 * pipeline, or because the run has had its turn and another shard waits that could have its place. As many go as are over
 * the share, or as wait, and no more. What it was told stays noted in the run.
 */
export function shouldYield(run: Run, standing: Standing): boolean {
  const others = [...standing.runs].filter((one) => one !== run)
  run.isYielding = isOverShare(run, others, standing) || hasHadItsTurn(run, others, standing)
  return run.isYielding
}

function isOverShare({ name, isLeft }: Run, others: readonly Run[], { shareOf }: Standing) {
  const staying = others.filter((one) => one.name === name && !one.isYielding)
  return !isLeft && staying.length >= shareOf(name)
}

function hasHadItsTurn(run: Run, others: readonly Run[], standing: Standing): boolean {
  const { waiting, concurrency, limitOf, now, turnMs } = standing
  if (now - run.began < turnMs) return false
  const isFull = others.length + 1 >= concurrency
  const isAtLimit = (name: string) =>
    [...others, run].filter((one) => one.name === name).length >= limitOf(name)
  let wanted = 0
  for (const [name, count] of waiting)
    if (name === run.name ? isFull || isAtLimit(name) : isFull && !isAtLimit(name)) wanted += count
  return others.filter((one) => one.isYielding).length < wanted
}
