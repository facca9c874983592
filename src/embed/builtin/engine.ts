/** A way to run the built-in model. It blocks its thread while it works, hence the process of its own. */
export interface Engine {
  readonly name: EngineName
  /** How many texts to hand over at once. */
  readonly batchSize: number
  embed(texts: readonly string[]): Promise<EmbeddedBatch>
}

export interface EmbeddedBatch {
  /** All vectors one after another, 384 numbers each, of unit length, in the texts' order. */
  vectors: Float32Array
  /** That the model has read, those at a text's ends included; 0 from the WASM engine, which does not tell. */
  tokens: number
}

export const engineNames = ['onnx', 'wasm'] as const
export type EngineName = (typeof engineNames)[number]

export interface EngineOptions {
  /** Cores that one batch may use. The WASM engine uses one. */
  threads: number
}
