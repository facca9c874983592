import { wait } from '../base/backoff.ts'
import { throwIfAborted } from './abortable.ts'
import type { ContentHash } from './content-hash.ts'
import { type Claimed, embedClaimed } from './embed-claimed.ts'
import type { EmbedOptions } from './embedder.ts'
import { claimTexts, releaseClaims, unclaimedTexts } from './embedding-claim.ts'
import { readVectors } from './vector-cache.ts'

// Four full requests, as many as a provider is sent at a time. To claim that many takes 0.6-0.9 s on two busy cores.
const CLAIM_AT_ONCE = 8_192

const FIRST_POLL_MS = 50
const LONGEST_POLL_MS = 200

/**
 * Finds the vector of each text, in the table or from the embedder, such that of all processes only one embeds it.
 *
 * States of a text: stored; else claimed by one process, which embeds it; else free. Free -> claimed -> stored, or
 * claimed -> free when it has no vector, its embedding failed or its claimant is gone for the length of a claim. What
 * another process has claimed is waited for, without a claim held: who waits cannot be waited for, so there is no
 * circle. Owner of truth: the tables; every time is the database's.
 *
 * Between a look at the vectors and a claim another process may store and release, so what was claimed is looked at again:
 * its claim came after that release, hence the new statement sees the vector.
 *
 * A crash with claims leaves them until they expire, and the others wait that long. A crash without them leaves nothing.
 * A text can still be paid for twice when a process stands still for longer than its claims last, or cannot store.
 */
export async function embedOnce(
  deps: Claimed,
  texts: ReadonlyMap<ContentHash, string>,
  options: EmbedOptions,
  find: (hash: ContentHash, vector: Float32Array | null) => void,
  /** Ends the waiting for others; default is the options' signal. */
  signal = options.signal,
): Promise<void> {
  const { pool, modelId, claimant } = deps

  /** Tells those that are stored and returns the others. */
  const look = async (hashes: readonly ContentHash[]): Promise<ContentHash[]> => {
    const stored = await readVectors(pool, modelId, hashes)
    for (const [hash, vector] of stored) find(hash, vector)
    return hashes.filter((hash) => !stored.has(hash))
  }

  /** Embeds what can be claimed and returns what others have. */
  const embedFree = async (hashes: readonly ContentHash[]): Promise<ContentHash[]> => {
    const mine = await claimTexts(pool, modelId, hashes, claimant)
    const claimed = hashes.filter((hash) => mine.has(hash))
    const unclaimed = hashes.filter((hash) => !mine.has(hash))
    if (claimed.length === 0) return unclaimed
    const missing = new Map<ContentHash, string>()
    try {
      for (const hash of await look(claimed)) missing.set(hash, texts.get(hash) ?? '')
    } finally {
      const known = claimed.filter((hash) => !missing.has(hash))
      if (known.length > 0)
        await releaseClaims(pool, modelId, known, claimant).catch(() => undefined)
    }
    if (missing.size > 0) await embedClaimed(deps, missing, options, find)
    return unclaimed
  }

  let open = await look([...texts.keys()])
  let held: ContentHash[] = []
  for (let pollMs = FIRST_POLL_MS; ; ) {
    for (let start = 0; start < open.length; start += CLAIM_AT_ONCE) {
      throwIfAborted(signal)
      held.push(...(await embedFree(open.slice(start, start + CLAIM_AT_ONCE))))
    }
    if (held.length === 0) return
    await wait(pollMs, signal)
    throwIfAborted(signal)
    const free = await unclaimedTexts(pool, modelId, held)
    pollMs = free.size > 0 ? FIRST_POLL_MS : Math.min(LONGEST_POLL_MS, pollMs * 1.5)
    held = held.filter((hash) => !free.has(hash))
    open = free.size > 0 ? await look([...free]) : []
  }
}
