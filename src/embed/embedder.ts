/** What was asked of a provider. */
export interface EmbedUsage {
  /** Attempts at a request, those that failed or were given up included. */
  requests: number
  /** As the provider counts them; 0 from one that does not say. */
  tokens: number
}

export interface EmbedOptions {
  signal?: AbortSignal
  /**
   * Told what the call costs, in parts, as it does; nothing after the call has settled. Must not throw. A request that
   * several calls share is counted by the first of them, and its tokens are split over those that still wait for it, by
   * their texts' bytes: summed over the calls both are exact.
   */
  onUsage?: (usage: EmbedUsage) => void
  /**
   * Told vectors as they come, by their texts' places, so that what was paid for can be kept even if the rest fails.
   * Must not throw. An embedder may leave it out: what the call returns is complete either way.
   */
  onVectors?: (vectors: ReadonlyMap<number, Float32Array>) => void
}

/**
 * Turns texts into vectors whose cosine says how near their meanings are.
 *
 * The built-in model, an OpenAI-compatible server and the cache in front of either are all one of these.
 */
export interface Embedder extends AsyncDisposable {
  /**
   * Names the space of the vectors: provider, server, model, dimensions, and the revision of how texts are prepared
   * when that is not the first. Vectors are comparable exactly when their ids are equal, so they are stored under it.
   */
  readonly id: string
  readonly dimensions: number
  /**
   * One vector of unit length for each text, in the texts' order, however many there are: splitting them into batches
   * or requests is the embedder's business, and so is putting texts of several calls into one. `null` stands for a text
   * that has no vector and will not get one by trying again: it is blank, or the provider refuses it even alone. Its
   * neighbours are unaffected, in its call and in others.
   *
   * Texts longer than the model takes are embedded by their beginning.
   * Fails as a whole with `embedder_unavailable` (try again later), `embedder_rejected` (the configuration is wrong)
   * or `aborted` (the signal, or `close`). Nothing of the call runs on after it has settled, save one native batch and
   * requests that hold other calls' texts too.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<(Float32Array | null)[]>
  /** Does now what the first call would have to wait for, such as loading a model. */
  warm?(): Promise<void>
  /** Ends calls in flight with `aborted` and frees everything; safe to repeat, and before the first call. */
  close(): Promise<void>
}

/** True for a text without content, which no model has a meaning for. */
export function isBlank(text: string): boolean {
  return text.trim() === ''
}
