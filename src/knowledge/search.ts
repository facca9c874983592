import type { Pool } from 'pg'
import { isMillraceError } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { countByPattern, countByTerm, countByWords, type PatternCount } from './count-events.ts'
import type { PatternScope } from './counted-events.ts'
import { type EvidenceItem, noLegs, type SearchFilters } from './evidence.ts'
import { findAbsentTerms } from './find-absent-terms.ts'
import { type FusedHit, fuse, type LegName, type Legs } from './fuse.ts'
import { createMeanings, type Meanings, type NearMeaning } from './meanings.ts'
import { type FoundEvent, findEventsByPattern, findEventsByTerms } from './search-events.ts'
import {
  type PatternHit,
  scoreByVector,
  searchByMeaning,
  searchByVector,
  searchByWords,
  wordsOfNoPattern,
} from './search-legs.ts'
import { singlesOut } from './search-scope.ts'
import type { Vocabulary } from './vocabulary.ts'
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
  /** The glossary's vectors. Default: those of the embedder, asked for with every search. */
  meanings?: Meanings
  /** What misspelt words are likely to be. Default: they stay as they are. */
  vocabulary?: Vocabulary
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
  /** Technical terms of the text of which no event inside the filters reports the like. */
  absentTerms: string[]
  /** How the items came to be those, in this order. */
  explanation: SearchExplanation
}

export interface SearchExplanation {
  /** `identifiers`: an identifier occurs, so only events that hold it are evidence. `patterns`: the legs decided. */
  decidedBy: 'identifiers' | 'patterns'
  /** What was looked for: the question's text, its slips put right. */
  text: string
  /** False while the embedding model is out of reach, or where there is no text. */
  hasVector: boolean
  /** Words of the question that no pattern has and some events do: they name something. */
  names: string[]
  /** Every pattern that a leg found, best first, also those that are no evidence. */
  ranking: FusedHit[]
}

const perLeg = 60
/** Entries of the glossary that a question may mean. */
const nearMeanings = 12
const maxIdentifierEvents = 200

/** Finds the events that best answer a question, inside the filters. */
export async function search(
  deps: SearchDeps,
  input: SearchInput,
  options: { limit: number; signal?: AbortSignal },
): Promise<SearchResult> {
  const { filters } = input
  const counted = await countOrigin(deps, filters)
  const scope: PatternScope = {
    filters,
    ...(counted ? { patternIds: counted.map((count) => count.patternId) } : {}),
  }
  const unknown = await wordsOfNoPattern(deps, input.words)
  const text = await withoutSlips(deps, input.text, unknown)
  const { legs, vectors, hasVector } = await searchLegs(deps, { text, scope }, options)
  const absentTerms = await findAbsentTerms(deps, { text: input.text, ...scope })
  const identifiers = await countByTerm(deps, { terms: input.identifiers, filters })
  const known = identifiers.filter((item) => item.events > 0).map((item) => item.value)
  if (known.length > 0) {
    const ranking = fuse(legs, { named: new Set(), vectors })
    const items = await identifierEvidence(deps, { known, ranking, filters }, options)
    const total = Math.max(...identifiers.map((item) => item.events))
    const explanation: SearchExplanation = {
      decidedBy: 'identifiers',
      text,
      hasVector,
      names: [],
      ranking,
    }
    return { items, total, identifiers, absentTerms, explanation }
  }
  const named = await findNamed(deps, unknown, filters)
  const ranking = fuse(legs, {
    named: new Set(named.events.map((event) => event.patternId)),
    vectors,
  })
  const evident = ranking.filter((hit) => hit.dropped === null)
  const patternIds = evident.map((hit) => hit.patternId)
  const counts = new Map(
    (counted ?? (await countByPattern(deps, { patternIds, filters })))
      .filter((count) => patternIds.includes(count.patternId))
      .map((count) => [count.patternId, count]),
  )
  const shown = evident.filter((hit) => counts.has(hit.patternId)).slice(0, options.limit)
  const samples = await findEventsByPattern(
    deps,
    { patternIds: shown.map((hit) => hit.patternId), filters },
    { limit: 1 },
  )
  const items = shown.flatMap((hit) => {
    const count = counts.get(hit.patternId)
    const event =
      named.events.find((candidate) => candidate.patternId === hit.patternId) ??
      samples.find((candidate) => candidate.patternId === hit.patternId)
    if (!count || !event) return []
    const { first, last } = count
    return [{ ...event, count: count.count, first, last, score: hit.score, legs: scoresOf(hit) }]
  })
  let total = 0
  for (const { count } of counts.values()) total += count
  const { names } = named
  return {
    items,
    total,
    identifiers,
    absentTerms,
    explanation: { decidedBy: 'patterns', text, hasVector, names, ranking },
  }
}

function scoresOf({ legs }: FusedHit): EvidenceItem['legs'] {
  return {
    vector: legs.vector?.score ?? null,
    meaning: legs.meaning?.score ?? null,
    lexical: legs.lexical?.score ?? null,
    identifier: null,
  }
}

interface FoundByLegs {
  legs: Legs
  /** Cosines of the patterns that only the other legs found. */
  vectors: Map<number, number>
  hasVector: boolean
}

/**
 * The patterns of a host, a pod or a trace with their counts; null without such a filter. They are counted from the events
 * themselves, which is done once for a search: each leg by itself would do it again (a host of a fifth of 1 M events: 3 s).
 */
async function countOrigin(
  deps: SearchDeps,
  filters: SearchFilters,
): Promise<PatternCount[] | null> {
  return singlesOut(filters) ? countByWords(deps, { words: [], filters }) : null
}

/** What each leg finds; nothing where there is no text. */
async function searchLegs(
  deps: SearchDeps,
  { text, scope }: { text: string; scope: PatternScope },
  options: { signal?: AbortSignal },
): Promise<FoundByLegs> {
  const legs: Record<LegName, readonly PatternHit[]> = { vector: [], meaning: [], lexical: [] }
  if (text.trim() === '') return { legs, vectors: new Map(), hasVector: false }
  const limit = { limit: perLeg }
  const words = searchWords(text).join(' ')
  legs.lexical = await searchByWords(deps, { words, ...scope }, limit)
  const embedded = await embedQuestion(deps, text, options)
  if (!embedded) return { legs, vectors: new Map(), hasVector: false }
  const { vector, meanings } = embedded
  legs.vector = await searchByVector(deps, { model: deps.model, vector, ...scope }, limit)
  legs.meaning = await searchByMeaning(deps, { meanings, ...scope }, limit)
  const known = new Set(legs.vector.map((hit) => hit.patternId))
  const patternIds = [...legs.meaning, ...legs.lexical]
    .map((hit) => hit.patternId)
    .filter((id) => !known.has(id))
  const vectors = await scoreByVector(deps, { model: deps.model, vector, patternIds })
  return { legs, vectors, hasVector: true }
}

/** The question's vector and what the glossary has near it; null, with a warning, while the model is out of reach: words and names still find their lines. */
async function embedQuestion(
  deps: SearchDeps,
  text: string,
  options: { signal?: AbortSignal },
): Promise<{ vector: Float32Array; meanings: NearMeaning[] } | null> {
  try {
    const [vector] = await deps.embedder.embed([text], options)
    if (!vector) return null
    const meanings = deps.meanings ?? createMeanings(deps.embedder)
    return { vector, meanings: await meanings.nearest(vector, { limit: nearMeanings }) }
  } catch (error) {
    if (!isMillraceError(error, 'embedder_unavailable')) throw error
    deps.logger.warn({ error: error.message }, 'search.without_vectors')
    return null
  }
}

/** The events that hold the known identifiers: all of them together if there are such, else any one of them. */
async function identifierEvidence(
  deps: SearchDeps,
  input: { known: string[]; ranking: readonly FusedHit[]; filters: SearchFilters },
  options: { limit: number },
): Promise<EvidenceItem[]> {
  const { known, ranking, filters } = input
  const hits = new Map(ranking.map((hit) => [hit.patternId, hit]))
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
      legs: { ...(hit ? scoresOf(hit) : noLegs), identifier: 1 },
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
async function findNamed(
  deps: SearchDeps,
  unknown: readonly string[],
  filters: SearchFilters,
): Promise<{ names: string[]; events: FoundEvent[] }> {
  const counted = await countByTerm(deps, { terms: unknown, filters }, { atMost: 1 })
  const names = counted.filter((term) => term.events > 0).map((term) => term.value)
  const limit = { limit: maxIdentifierEvents }
  const events =
    names.length > 0 ? await findEventsByTerms(deps, { terms: names, filters }, limit) : []
  return { names, events }
}

/** The text with words that no pattern has put right, where they are a slip of one that is known. */
async function withoutSlips(
  { vocabulary }: SearchDeps,
  text: string,
  unknown: readonly string[],
): Promise<string> {
  let right = text
  for (const word of vocabulary ? unknown : []) {
    const known = await vocabulary?.correct(word)
    if (known) right = right.replaceAll(new RegExp(String.raw`\b${word}\b`, 'gi'), known)
  }
  return right
}
