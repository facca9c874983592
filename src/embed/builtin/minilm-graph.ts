import { z } from 'zod'
import { createGraphBuilder, elementTypes, type GraphBuilder, type Value } from './onnx-graph.ts'
import type { StoredTensor } from './safetensors.ts'

/** What the graph needs to know of a BERT model's config.json. */
export const bertConfigSchema = z.object({
  hidden_size: z.number().int().positive(),
  num_attention_heads: z.number().int().positive(),
  num_hidden_layers: z.number().int().positive(),
  layer_norm_eps: z.number().positive(),
  model_type: z.literal('bert'),
  hidden_act: z.literal('gelu'),
  position_embedding_type: z.literal('absolute'),
})
export type BertConfig = z.output<typeof bertConfigSchema>

/**
 * The ONNX file of a BERT sentence encoder: ids and mask in, means of the last layer's tokens at unit length out.
 *
 * Inputs `input_ids` and `attention_mask`: int64 [batch, sequence].
 * Output `sentence_embedding`: float32 [batch, hidden].
 * The weights go in as they are stored, in half precision and untransposed; the runtime folds the Cast and the
 * Transpose of a constant while it loads, which is faster than doing so in JavaScript and halves the file.
 */
export function buildMiniLmGraph(
  config: BertConfig,
  weights: (name: string) => StoredTensor,
): Buffer {
  const graph = createGraphBuilder('minilm')
  const ids = graph.input('input_ids', 'int64', ['batch', 'sequence'])
  const mask = graph.input('attention_mask', 'int64', ['batch', 'sequence'])
  const float = { attributes: { to: { int: elementTypes.float32 } } }

  const stored = (name: string) => {
    const { type, shape, data } = weights(name)
    return graph.constant(type === 'F16' ? 'float16' : 'float32', shape, data)
  }
  const parts: Parts = {
    graph,
    weight: (name) => graph.node('Cast', [stored(name)], float),
    floats: (values) => graph.constant('float32', [], bytesOf(Float32Array.from(values))),
    integers: (values) =>
      graph.constant('int64', [values.length], bytesOf(BigInt64Array.from(values, BigInt))),
  }

  // Gathered in half precision, then cast: the 47 MB float32 table of all words is never made.
  const words = graph.node('Gather', [stored('embeddings.word_embeddings.weight'), ids], {
    attributes: { axis: { int: 0 } },
  })
  const maskFloat = graph.node('Cast', [mask], float)
  let hidden = embeddings(parts, graph.node('Cast', [words], float), ids)
  const blocked = blockPadding(parts, maskFloat)
  const shapes = {
    heads: parts.integers([
      0,
      0,
      config.num_attention_heads,
      config.hidden_size / config.num_attention_heads,
    ]),
    merged: parts.integers([0, 0, config.hidden_size]),
  }
  const normalise = (x: Value, name: string) => layerNorm(parts, x, name, config.layer_norm_eps)
  hidden = normalise(hidden, 'embeddings.LayerNorm')
  for (let layer = 0; layer < config.num_hidden_layers; layer += 1) {
    const name = `encoder.layer.${layer}`
    const attended = attention(parts, hidden, blocked, shapes, config, `${name}.attention`)
    hidden = normalise(graph.node('Add', [attended, hidden]), `${name}.attention.output.LayerNorm`)
    const wide = linear(parts, hidden, `${name}.intermediate.dense`)
    const active = graph.node('Gelu', [wide], { domain: 'com.microsoft' })
    const narrow = linear(parts, active, `${name}.output.dense`)
    hidden = normalise(graph.node('Add', [narrow, hidden]), `${name}.output.LayerNorm`)
  }
  graph.output(meanAtUnitLength(parts, hidden, maskFloat), 'sentence_embedding', 'float32', [
    'batch',
    config.hidden_size,
  ])
  return graph.build()
}

interface Parts {
  graph: GraphBuilder
  /** A stored tensor as float32. */
  weight(name: string): Value
  /** A float32 scalar. */
  floats(values: [number]): Value
  /** An int64 vector. */
  integers(values: readonly number[]): Value
}

function embeddings({ graph, weight, integers }: Parts, words: Value, ids: Value): Value {
  const length = graph.node('Slice', [graph.node('Shape', [ids]), integers([1]), integers([2])])
  const positions = graph.node('Slice', [
    weight('embeddings.position_embeddings.weight'),
    integers([0]),
    length,
    integers([0]),
  ])
  // Every text is the first of its pair: segment 0.
  const segment = graph.node('Slice', [
    weight('embeddings.token_type_embeddings.weight'),
    integers([0]),
    integers([1]),
    integers([0]),
  ])
  return graph.node('Add', [graph.node('Add', [words, positions]), segment])
}

/** 0 where there is a token and -10,000 where there is padding, to be added to attention scores. */
function blockPadding({ graph, floats, integers }: Parts, mask: Value): Value {
  const padding = graph.node('Sub', [
    floats([1]),
    graph.node('Unsqueeze', [mask, integers([1, 2])]),
  ])
  return graph.node('Mul', [padding, floats([-10_000])])
}

function attention(
  parts: Parts,
  hidden: Value,
  blocked: Value,
  shapes: { heads: Value; merged: Value },
  config: BertConfig,
  name: string,
): Value {
  const { graph } = parts
  const permute = (value: Value, order: readonly number[]) =>
    graph.node('Transpose', [value], { attributes: { perm: { ints: order } } })
  const project = (which: string, order: readonly number[]) =>
    permute(
      graph.node('Reshape', [linear(parts, hidden, `${name}.self.${which}`), shapes.heads]),
      order,
    )
  const scale = Math.sqrt(config.hidden_size / config.num_attention_heads)
  const scores = graph.node('Div', [
    graph.node('MatMul', [project('query', [0, 2, 1, 3]), project('key', [0, 2, 3, 1])]),
    parts.floats([scale]),
  ])
  const shares = graph.node('Softmax', [graph.node('Add', [scores, blocked])], {
    attributes: { axis: { int: -1 } },
  })
  const mixed = graph.node('MatMul', [shares, project('value', [0, 2, 1, 3])])
  const merged = graph.node('Reshape', [permute(mixed, [0, 2, 1, 3]), shapes.merged])
  return linear(parts, merged, `${name}.output.dense`)
}

function linear({ graph, weight }: Parts, x: Value, name: string): Value {
  const transposed = graph.node('Transpose', [weight(`${name}.weight`)], {
    attributes: { perm: { ints: [1, 0] } },
  })
  return graph.node('Add', [graph.node('MatMul', [x, transposed]), weight(`${name}.bias`)])
}

function layerNorm({ graph, weight }: Parts, x: Value, name: string, epsilon: number): Value {
  return graph.node('LayerNormalization', [x, weight(`${name}.weight`), weight(`${name}.bias`)], {
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon } },
  })
}

/** The sum is as good as the mean, as only its direction is kept. */
function meanAtUnitLength({ graph, integers }: Parts, hidden: Value, mask: Value): Value {
  const masked = graph.node('Mul', [hidden, graph.node('Unsqueeze', [mask, integers([-1])])])
  const sum = graph.node('ReduceSum', [masked, integers([1])], {
    attributes: { keepdims: { int: 0 } },
  })
  return graph.node('LpNormalization', [sum], { attributes: { axis: { int: -1 }, p: { int: 2 } } })
}

function bytesOf(array: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
