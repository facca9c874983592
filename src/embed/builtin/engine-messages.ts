import type { EmbeddedBatch, EngineName } from './engine.ts'

/** From the embedder to its engine process. There is one batch at a time, so answers need no number. */
export interface EngineRequest {
  texts: readonly string[]
}

/** From the engine process: first `ready` or `failed`, then one answer to each request. */
export type EngineReply =
  | { kind: 'ready'; engine: EngineName; batchSize: number; loadMs: number; fallback?: string }
  | { kind: 'vectors'; batch: EmbeddedBatch }
  | { kind: 'failed'; reason: string }
