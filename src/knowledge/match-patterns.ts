import { hash } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { transaction } from '../db/transaction.ts'
import { generalise, similarity, tokenize } from './similarity.ts'
import { wordsOf } from './words.ts'

/*
 * Patterns: which events have one shape in common.
 *
 * Two steps. Masking (mask.ts) is a pure function, the same in every worker: it turns a line into a shape. Matching a
 * shape to a pattern happens once in the life of a database: its result is a row of millrace.pattern_shape, and later
 * the process' cache. A new shape is compared with the known patterns of its service, severity and length under one
 * advisory lock, so two workers cannot make two patterns of one shape, and what one decided the other finds.
 *
 * Matching commits before the batch that needs it. A crash in between leaves a pattern without events, which the next
 * attempt at the same records finds and uses.
 *
 * Patterns without events are retired (retire/retire-patterns.ts), which raises the epoch: a cache of another epoch is
 * forgotten. What is retired between a match and its batch's commit is found out there, and the batch is matched anew.
 */

export interface ShapeInput {
  service: string
  severity: number
  shape: string
  /** The line itself, redacted; kept as the example if it makes a new pattern. */
  example: string
}

export interface PatternMatch {
  /** The pattern of each input, in order. */
  patternIds: number[]
  /** Patterns that this process meets for the first time, or that have just changed: their vectors may be missing. */
  met: Set<number>
}

export interface PatternMatcher {
  match(inputs: readonly ShapeInput[]): Promise<PatternMatch>
}

/** Patterns and shapes this alike, or more, are one; Drain's usual threshold is 0.4 without typed masks. */
const minSimilarity = 0.6
/** Candidates compared with one new shape, newest first: bounds what a flood of unique lines costs. */
const maxCandidates = 1_000
const maxTokens = 200

interface Candidate {
  id: number
  tokens: string[]
  example: string
  service: string
  changed: boolean
  isNew: boolean
  severity: number
}

/** A matcher with a cache of its own of `capacity` shapes (default 100,000). */
export function createPatternMatcher(
  deps: { pool: Pool },
  options: { capacity?: number } = {},
): PatternMatcher {
  const { capacity = 100_000 } = options
  const known = new Map<string, number>()
  let epochOfKnown = -1n

  const match = async (inputs: readonly ShapeInput[]): Promise<PatternMatch> => {
    const keys = inputs.map(keyOf)
    const met = new Set<number>()
    const epoch = await readEpoch(deps.pool)
    if (epoch > epochOfKnown) {
      known.clear()
      epochOfKnown = epoch
    }
    const missing = new Map<string, ShapeInput>()
    for (const [index, key] of keys.entries()) {
      const input = inputs[index]
      if (input && !known.has(key)) missing.set(key, input)
    }
    // The cache is shared by all jobs and may be cleared while this one waits: what it knows now is kept.
    const ids = new Map<string, number>()
    const cached = new Map<string, number>()
    for (const key of keys) {
      const id = known.get(key)
      if (id !== undefined) cached.set(key, id)
    }
    if (missing.size > 0) {
      for (const [key, id] of await findShapes(deps.pool, [...missing.keys()])) {
        ids.set(key, id)
        missing.delete(key)
      }
      if (missing.size > 0) for (const [key, id] of await learn(deps, missing)) ids.set(key, id)
    }
    const patternIds = keys.map((key) => {
      const id = cached.get(key) ?? ids.get(key)
      if (id === undefined) throw new MillraceError('internal', 'a shape was matched to no pattern')
      return id
    })
    if (known.size + ids.size > capacity) known.clear()
    for (const [key, id] of ids) {
      // Another job may have found a later epoch meanwhile.
      if (epoch === epochOfKnown) known.set(key, id)
      met.add(id)
    }
    return { patternIds, met }
  }
  return { match }
}

async function readEpoch(pool: Pool): Promise<bigint> {
  const { rows } = await pool.query<{ pattern_epoch: string }>({
    name: 'millrace.pattern_epoch',
    text: 'select pattern_epoch from millrace.retirement',
  })
  return BigInt(rows[0]?.pattern_epoch ?? 0)
}

function keyOf(input: ShapeInput): string {
  return `${input.service}\0${input.severity}\0${input.shape}`
}

function hashOf(key: string): Buffer {
  return hash('sha256', key, 'buffer').subarray(0, 16)
}

async function findShapes(
  client: Pool | PoolClient,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const byHash = new Map(keys.map((key) => [hashOf(key).toString('hex'), key]))
  const { rows } = await client.query<{ hash: Buffer; pattern_id: number }>(
    'select hash, pattern_id from millrace.pattern_shape where hash = any($1::bytea[])',
    [[...byHash.keys()].map((hex) => Buffer.from(hex, 'hex'))],
  )
  const found = new Map<string, number>()
  for (const row of rows) {
    const key = byHash.get(row.hash.toString('hex'))
    if (key !== undefined) found.set(key, row.pattern_id)
  }
  return found
}

/**
 * Matches new shapes, one after the other, and writes what came of it.
 *
 * Reads: pattern_shape again (another worker may have been first), pattern. Writes: pattern, pattern_shape.
 * Locks: one advisory lock for all learning in the database, to the end of the transaction; known shapes never take it.
 */
async function learn(
  deps: { pool: Pool },
  missing: ReadonlyMap<string, ShapeInput>,
): Promise<Map<string, number>> {
  return transaction(deps.pool, async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtext('millrace.pattern'))`)
    const ids = await findShapes(client, [...missing.keys()])
    const learned: { key: string; candidate: Candidate }[] = []
    const groups = await loadCandidates(client, missing.values())
    for (const [key, input] of missing) {
      if (ids.has(key)) continue
      const tokens = tokenize(input.shape).slice(0, maxTokens)
      const groupKey = `${input.service}\0${input.severity}\0${tokens.length}`
      const group = groups.get(groupKey) ?? []
      groups.set(groupKey, group)
      let candidate = mostSimilar(group, tokens)
      if (candidate) {
        const merged = generalise(candidate.tokens, tokens)
        candidate.changed ||= merged.join(' ') !== candidate.tokens.join(' ')
        candidate.tokens = merged
      } else {
        const { service, severity, example } = input
        candidate = { id: 0, tokens, example, service, severity, changed: false, isNew: true }
        group.push(candidate)
      }
      learned.push({ key, candidate })
    }
    const candidates = [...new Set(learned.map((item) => item.candidate))]
    await insertPatterns(
      client,
      candidates.filter((candidate) => candidate.isNew),
    )
    await updatePatterns(
      client,
      candidates.filter((candidate) => candidate.changed && !candidate.isNew),
    )
    await client.query(
      `insert into millrace.pattern_shape (hash, pattern_id)
       select * from unnest($1::bytea[], $2::int[])`,
      [learned.map((item) => hashOf(item.key)), learned.map((item) => item.candidate.id)],
    )
    for (const { key, candidate } of learned) ids.set(key, candidate.id)
    return ids
  })
}

function mostSimilar(
  group: readonly Candidate[],
  tokens: readonly string[],
): Candidate | undefined {
  let best: Candidate | undefined
  let bestSimilarity = 0
  for (const candidate of group) {
    const value = similarity(candidate.tokens, tokens)
    if (value >= minSimilarity && value > bestSimilarity) {
      best = candidate
      bestSimilarity = value
    }
  }
  return best
}

async function loadCandidates(
  client: PoolClient,
  inputs: Iterable<ShapeInput>,
): Promise<Map<string, Candidate[]>> {
  const wanted = new Map<string, { service: string; severity: number; count: number }>()
  for (const { service, severity, shape } of inputs) {
    const count = Math.min(tokenize(shape).length, maxTokens)
    wanted.set(`${service}\0${severity}\0${count}`, { service, severity, count })
  }
  const { rows } = await client.query<{
    id: number
    service: string
    severity: number
    token_count: number
    template: string
    example: string
  }>(
    `select p.id, p.service, p.severity, p.token_count, p.template, p.example
       from unnest($1::text[], $2::smallint[], $3::int[]) as wanted (service, severity, token_count)
      cross join lateral (
            select *
              from millrace.pattern p
             where p.service = wanted.service
               and p.severity = wanted.severity
               and p.token_count = wanted.token_count
             order by p.id desc
             limit ${maxCandidates}) as p
      order by p.id`,
    [
      [...wanted.values()].map((item) => item.service),
      [...wanted.values()].map((item) => item.severity),
      [...wanted.values()].map((item) => item.count),
    ],
  )
  const groups = new Map<string, Candidate[]>()
  for (const row of rows) {
    const key = `${row.service}\0${row.severity}\0${row.token_count}`
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push({
      id: row.id,
      tokens: row.template.split(' '),
      example: row.example,
      service: row.service,
      severity: row.severity,
      changed: false,
      isNew: false,
    })
  }
  return groups
}

function patternWords(candidate: Candidate): string {
  return wordsOf(
    `${candidate.service} ${candidate.tokens.join(' ')}`.replaceAll(/<[^<> ]*>/g, ' '),
  ).join(' ')
}

async function insertPatterns(client: PoolClient, candidates: readonly Candidate[]): Promise<void> {
  if (candidates.length === 0) return
  const { rows } = await client.query<{ id: number }>(
    `select nextval('millrace.pattern_id_seq')::int as id
       from generate_series(1, $1::int)`,
    [candidates.length],
  )
  for (const [index, candidate] of candidates.entries()) candidate.id = rows[index]?.id ?? 0
  await client.query(
    `insert into millrace.pattern (id, service, severity, template, token_count, example, words)
     overriding system value
     select * from unnest($1::int[], $2::text[], $3::smallint[], $4::text[], $5::int[], $6::text[], $7::text[])`,
    [
      candidates.map((candidate) => candidate.id),
      candidates.map((candidate) => candidate.service),
      candidates.map((candidate) => candidate.severity),
      candidates.map((candidate) => candidate.tokens.join(' ')),
      candidates.map((candidate) => candidate.tokens.length),
      candidates.map((candidate) => candidate.example.slice(0, 4_096)),
      candidates.map(patternWords),
    ],
  )
}

async function updatePatterns(client: PoolClient, candidates: readonly Candidate[]): Promise<void> {
  if (candidates.length === 0) return
  await client.query(
    `update millrace.pattern p
        set template = changed.template,
            words = changed.words,
            version = p.version + 1
       from unnest($1::int[], $2::text[], $3::text[]) as changed (id, template, words)
      where p.id = changed.id`,
    [
      candidates.map((candidate) => candidate.id),
      candidates.map((candidate) => candidate.tokens.join(' ')),
      candidates.map(patternWords),
    ],
  )
}
