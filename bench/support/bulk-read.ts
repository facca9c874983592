/** A page of a shard from a number on, and where the next one begins; an empty one is the end. */
export type ReadPage = (
  shardId: number,
  from: bigint,
) => Promise<{ records: readonly unknown[]; next: bigint }>

/**
 * Reads shards again and again from `from` to their end with some readers at a time, for some seconds; returns records a
 * second. A reader that comes to a shard's end goes on with the next shard. Fails when a shard that was read from the
 * very beginning does not hold what `expected` says.
 */
export async function bulkRead(
  readPage: ReadPage,
  options: {
    shards: readonly number[]
    readers: number
    seconds: number
    from?: ReadonlyMap<number, bigint>
    expected?: ReadonlyMap<number, number>
  },
): Promise<number> {
  const { shards, readers, seconds, from, expected } = options
  const started = performance.now()
  const until = started + seconds * 1000
  let read = 0
  const follow = async (reader: number) => {
    for (let turn = reader; performance.now() < until; turn += 1) {
      const shardId = shards[turn % shards.length] ?? 0
      let next = from?.get(shardId) ?? 0n
      let count = 0
      for (;;) {
        if (performance.now() >= until) return
        const page = await readPage(shardId, next)
        count += page.records.length
        read += page.records.length
        if (page.records.length === 0) break
        next = page.next
      }
      const wanted = expected?.get(shardId)
      if (wanted !== undefined && count !== wanted)
        throw new Error(`expected ${wanted} records in shard ${shardId}, read ${count}`)
    }
  }
  await Promise.all(Array.from({ length: readers }, (_, reader) => follow(reader)))
  return read / ((performance.now() - started) / 1000)
}
