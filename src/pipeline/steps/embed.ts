import { embedPatterns } from '../../knowledge/embed-patterns.ts'
import type { Resources, Step, StepContext, StepOptions, StepRun } from '../step.ts'
import type { PatternedEvent } from './pattern.ts'
import { perValue } from './per-value.ts'

/** A provider's rate limit may have to be waited for. */
const defaults = { timeoutMs: 120_000 } satisfies StepOptions

/** Patterns whose vectors are known to be there; beyond that many it looks again. */
const capacity = 100_000

/** Gives the patterns of events the vectors that they lack: once a pattern, not once a line. */
export function embed(options?: StepOptions): Step<PatternedEvent, PatternedEvent>
/**
 * Gives each value the vector of a text of it, for a table of your own; null where the text is blank or the provider
 * refuses it. Equal texts are paid for once: the database keeps their vectors.
 *
 *   .step(embed((ticket) => ticket.title))
 */
export function embed<T extends object>(
  textOf: (value: T) => string,
  options?: StepOptions,
): Step<T, T & { vector: Float32Array | null }>
export function embed<T extends object>(
  ...args:
    | [options?: StepOptions | undefined]
    | [textOf: (value: T) => string, options?: StepOptions | undefined]
): Step<PatternedEvent, PatternedEvent> | Step<T, T & { vector: Float32Array | null }> {
  const [first, second] = args
  if (typeof first !== 'function')
    return { name: 'embed', shape: 'each', options: { ...defaults, ...first }, open: openPatterns }
  const options = { ...defaults, ...second }
  return { name: 'embed', shape: 'each', options, open: (resources) => openTexts(resources, first) }
}

/**
 * States of a pattern, here: unknown -> known as of a meeting -> unknown again when it is met anew or the process ends.
 * It is known only after its vector is stored, or was refused for good; so a batch that failed on the way, also through
 * a provider's outage, looks again when it is tried again, and so does whichever process tries it. Owner of truth: the
 * table. What a refused text leaves without a vector, and what a batch in the dead letters did, the worker's upkeep
 * looks for.
 */
async function openPatterns(
  resources: Resources,
): Promise<StepRun<PatternedEvent, PatternedEvent>> {
  const deps = { pool: resources.pool, ...(await resources.embedding()) }
  const known = new Map<number, number>()
  return async (events, context) => {
    const unknown = new Map<number, number>()
    for (const { patternId, metAt } of events)
      if ((known.get(patternId) ?? -1) < metAt)
        unknown.set(patternId, Math.max(metAt, unknown.get(patternId) ?? 0))
    if (unknown.size === 0) return events
    const patternIds = [...unknown.keys()]
    await embedPatterns(deps, { patternIds, limit: patternIds.length, ...askedFor(context) })
    if (known.size + unknown.size > capacity) known.clear()
    for (const [id, metAt] of unknown) known.set(id, Math.max(metAt, known.get(id) ?? 0))
    return events
  }
}

async function openTexts<T extends object>(
  resources: Resources,
  textOf: (value: T) => string,
): Promise<StepRun<T, T & { vector: Float32Array | null }>> {
  const { embedder } = await resources.embedding()
  const textsOf = perValue<T, string>((value) => textOf(value))
  return async (values, context) => {
    const made = await textsOf(values, context)
    const [texts, failure] = 'failure' in made ? [made.values, made.failure] : [made, undefined]
    const vectors = texts.length > 0 ? await embedder.embed(texts, askedFor(context)) : []
    const results = texts.map((_text, index) => ({
      ...(values[index] as T),
      vector: vectors[index] ?? null,
    }))
    return failure ? { values: results, failure } : results
  }
}

function askedFor(context: StepContext) {
  return {
    signal: context.signal,
    onUsage: (usage: { requests: number; tokens: number }) => context.countEmbedding(usage),
  }
}
