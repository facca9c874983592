import type { Pool } from 'pg'
import { isMillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { countByPattern, countByTerm } from './count-events.ts'
import type { EvidenceItem, SearchFilters } from './evidence.ts'
import { type FoundEvent, findEventsByPattern, findEventsByTerms } from './search-events.ts'
import { type PatternHit, searchByVector, searchByWords, wordsOfNoPattern } from './search-legs.ts'
import { searchWords } from './words.ts'

export interface SearchDeps {
  pool: Pool
  embedder: {
    embed(
      texts: readonly string[],
      options?: { signal?: AbortSignal },
    ): Promise<(Float32Array | null)[]>
  }
  logger: Logger
  /** The model whose vectors are searched: never another's. */
  model: { id: number; dimensions: number }
}

export interface SearchInput {
  /** What to look for, in the asker's words; may be empty. */
  text: string
  /** Exact tokens that name things. Where one occurs, only events that hold it are evidence. */
  identifiers: readonly string[]
  /** The content words of `text`, lower case: names that no pattern has are looked for among them. */
  words: readonly string[]
  filters: SearchFilters
}

export interface SearchResult {
  /** Best first, one event a pattern (several where an identifier names them). */
  items: EvidenceItem[]
  /** Events inside the filters that belong to the patterns found, shown or not. */
  total: number
  /** How many events inside the filters hold each identifier. */
  identifiers: { value: string; events: number }[]
}

/**
 * How the legs are weighed. Both scores are shares (a cosine; the part of the question's rare-word weight that a pattern
 * covers), so the lexical leg says little by itself when only common words are shared: on symptom questions, which share
 * 1 % of their words with the lines, equal rank fusion halved first-place recall.
 */
const weights = { vector: 0.55, lexical: 0.45, term: 0.25 } as const
/** Below this a pattern is not evidence; nor is it below this share of the best one's score. */
const minScore = 0.24
const minShareOfBest = 0.5
const perLeg = 60
const maxIdentifierEvents = 200

/** Finds the events that best answer a question, inside the filters. */
export async function search(
  deps: SearchDeps,
  input: SearchInput,
  options: { limit: number; signal?: AbortSignal },
): Promise<SearchResult> {
  const { filters } = input
  const hits = await rankPatterns(deps, input, options)
  const identifiers = await countByTerm(deps, { terms: input.identifiers, filters })
  const known = identifiers.filter((item) => item.events > 0).map((item) => item.value)
  if (known.length > 0) {
    const items = await identifierEvidence(deps, { known, hits, filters }, options)
    return { items, total: Math.max(...identifiers.map((item) => item.events)), identifiers }
  }
  const named = await findNamed(deps, input)
  const namedPatterns = new Set(named.map((event) => event.patternId))
  const ranked = [...hits.values()]
    .map((hit) =>
      namedPatterns.has(hit.patternId)
        ? { ...hit, score: Math.min(1, hit.score + weights.term) }
        : hit,
    )
    .filter((hit) => hit.score >= minScore)
    .sort((a, b) => b.score - a.score || a.patternId - b.patternId)
    .filter((hit, _, all) => hit.score >= minShareOfBest * (all[0]?.score ?? 0))
  const counts = new Map(
    (await countByPattern(deps, { patternIds: ranked.map((hit) => hit.patternId), filters })).map(
      (count) => [count.patternId, count],
    ),
  )
  const shown = ranked.filter((hit) => counts.has(hit.patternId)).slice(0, options.limit)
  const samples = await findEventsByPattern(
    deps,
    { patternIds: shown.map((hit) => hit.patternId), filters },
    { limit: 1 },
  )
  const items = shown.flatMap((hit) => {
    const count = counts.get(hit.patternId)
    const event =
      named.find((candidate) => candidate.patternId === hit.patternId) ??
      samples.find((candidate) => candidate.patternId === hit.patternId)
    if (!count || !event) return []
    const { first, last } = count
    return [{ ...event, count: count.count, first, last, score: hit.score, legs: hit.legs }]
  })
  let total = 0
  for (const { count } of counts.values()) total += count
  return { items, total, identifiers }
}

interface FusedHit {
  patternId: number
  score: number
  legs: EvidenceItem['legs']
}

/** Both pattern legs, fused by weight. */
async function rankPatterns(
  deps: SearchDeps,
  input: SearchInput,
  options: { signal?: AbortSignal },
): Promise<Map<number, FusedHit>> {
  if (input.text.trim() === '') return new Map()
  const vector = await embedQuestion(deps, input.text, options)
  const byVector = vector
    ? await searchByVector(
        deps,
        { model: deps.model, vector, filters: input.filters },
        { limit: perLeg },
      )
    : []
  const byWords = await searchByWords(
    deps,
    { words: searchWords(input.text).join(' '), filters: input.filters },
    { limit: perLeg },
  )
  const fused = new Map<number, FusedHit>()
  const add = (leg: 'vector' | 'lexical', hits: readonly PatternHit[]) => {
    for (const { patternId, score } of hits) {
      const hit = fused.get(patternId) ?? {
        patternId,
        score: 0,
        legs: { vector: null, lexical: null, identifier: null },
      }
      hit.legs[leg] = score
      hit.score += weights[leg] * score
      fused.set(patternId, hit)
    }
  }
  add('vector', byVector)
  add('lexical', byWords)
  return fused
}

/** The question's vector; null, with a warning, while the model is out of reach: words and names still find their lines. */
async function embedQuestion(
  deps: SearchDeps,
  text: string,
  options: { signal?: AbortSignal },
): Promise<Float32Array | null> {
  try {
    const [vector] = await deps.embedder.embed([text], options)
    return vector ?? null
  } catch (error) {
    if (!isMillraceError(error, 'embedder_unavailable')) throw error
    deps.logger.warn({ error: error.message }, 'search.without_vectors')
    return null
  }
}

/** The events that hold the known identifiers: all of them together if there are such, else any one of them. */
async function identifierEvidence(
  deps: SearchDeps,
  input: { known: string[]; hits: Map<number, FusedHit>; filters: SearchFilters },
  options: { limit: number },
): Promise<EvidenceItem[]> {
  const { known, hits, filters } = input
  const limit = { limit: maxIdentifierEvents }
  let events = await findEventsByTerms(deps, { terms: known, filters }, limit)
  for (const term of events.length === 0 ? known : [])
    events = [...events, ...(await findEventsByTerms(deps, { terms: [term], filters }, limit))]
  const groups = Map.groupBy(events, (event) => event.patternId)
  const items = [...groups.values()].flatMap((group) => {
    const [first] = group
    const last = group.at(-1)
    if (!first || !last) return []
    const hit = hits.get(first.patternId)
    return group.map((event) => ({
      ...event,
      count: group.length,
      first: first.at,
      last: last.at,
      score: 0.5 + (hit?.score ?? 0) / 2,
      legs: { vector: null, lexical: null, ...hit?.legs, identifier: 1 },
    }))
  })
  return items
    .sort((a, b) => b.score - a.score || a.at.getTime() - b.at.getTime())
    .slice(0, options.limit)
}

/**
 * Events that hold, as a term of their own, question words that no pattern has: names of users, hosts, files. They are not
 * identifiers by their looks, so they raise a pattern's score instead of deciding.
 */
async function findNamed(deps: SearchDeps, input: SearchInput): Promise<FoundEvent[]> {
  const { filters } = input
  const unknown = await wordsOfNoPattern(deps, input.words)
  const counted = await countByTerm(deps, { terms: unknown, filters })
  const terms = counted.filter((term) => term.events > 0).map((term) => term.value)
  if (terms.length === 0) return []
  return findEventsByTerms(deps, { terms, filters }, { limit: maxIdentifierEvents })
}
