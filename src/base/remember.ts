/**
 * What `load` gives, loaded with the first call and kept for `maxAgeMs` (default: for good). Calls meanwhile share one load.
 * A failure is everybody's who waits for it, and is not kept: the next call loads again.
 */
export function remember<T>(
  load: () => Promise<T>,
  options: { maxAgeMs?: number } = {},
): () => Promise<T> {
  const { maxAgeMs = Number.POSITIVE_INFINITY } = options
  let kept: Promise<T> | undefined
  let loadedAt = 0
  return () => {
    if (kept !== undefined && performance.now() - loadedAt <= maxAgeMs) return kept
    loadedAt = performance.now()
    const loading = load().catch((error: unknown) => {
      if (kept === loading) kept = undefined
      throw error
    })
    kept = loading
    return loading
  }
}
