import { createHash } from 'node:crypto'
import type { Embedder, EmbedOptions } from '../../src/embed/embedder.ts'
import { unitVector } from '../../src/embed/unit-vector.ts'

export interface FakeEmbedder extends Embedder {
  /** The texts of each call, oldest first. */
  readonly calls: (readonly string[])[]
  readonly isClosed: boolean
}

/** An embedder of 8 dimensions whose vectors depend on the text alone; `answer` takes its place in a call. */
export function fakeEmbedder(
  options: {
    id?: string
    answer?: (
      texts: readonly string[],
      options: EmbedOptions,
    ) => Promise<(Float32Array | null)[]> | undefined
  } = {},
): FakeEmbedder {
  const calls: (readonly string[])[] = []
  let isClosed = false
  const close = async () => {
    isClosed = true
  }
  return {
    id: options.id ?? 'fake:8',
    dimensions: 8,
    calls,
    get isClosed() {
      return isClosed
    },
    async embed(texts, embedOptions = {}) {
      calls.push(texts)
      return (await options.answer?.(texts, embedOptions)) ?? texts.map(fakeVector)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

export function fakeVector(text: string): Float32Array | null {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 8)
  return unitVector(Float32Array.from(bytes, (byte) => byte - 127.5)) ?? null
}
