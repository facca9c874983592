import { hash } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { transaction } from '../db/transaction.ts'
import { joinTemplates } from './join-templates.ts'
import { patternKey, tokenize } from './pattern-key.ts'
import { wordsOf } from './words.ts'

/*
 * Patterns: which events have one shape in common.
 *
 * Two pure functions decide it: masking (mask.ts) turns a line into a shape, and a shape's key (pattern-key.ts) says of
 * which pattern it is, within its service and severity. So the patterns of a set of lines are the same whatever their
 * order, the number of workers and their restarts, and no pattern is ever found to have been two. A pattern is a row of
 * millrace.pattern; millrace.pattern_shape has the hash of its key. What the process has seen it keeps in a cache.
 *
 * A pattern's template is the join (join-templates.ts) of the shapes it has had so far: it has as many words as all of
 * them share. A join does not depend on the order either, and only ever takes words out, so a template settles.
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

/** What new shapes of one key make known. */
interface Lesson {
  hash: Buffer
  service: string
  severity: number
  /** The join of the shapes. */
  template: string
  /** The line of the first. */
  example: string
}

interface Known {
  id: number
  template: string
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
    const epoch = await readEpoch(deps.pool)
    if (epoch > epochOfKnown) {
      known.clear()
      epochOfKnown = epoch
    }
    const patternIds = new Array<number>(inputs.length).fill(0)
    const missing = new Map<string, ShapeInput>()
    const missingKeys = new Map<number, string>()
    for (const [index, input] of inputs.entries()) {
      const key = keyOf(input)
      const id = known.get(key)
      if (id !== undefined) patternIds[index] = id
      else {
        missing.set(key, input)
        missingKeys.set(index, key)
      }
    }
    const met = new Set<number>()
    if (missing.size > 0) {
      const found = await findOrLearn(deps, missing)
      // The cache is shared by all jobs: another one may have cleared it, or found a later epoch, meanwhile.
      if (known.size + found.size > capacity) known.clear()
      for (const [key, id] of found) {
        if (epoch === epochOfKnown) known.set(key, id)
        met.add(id)
      }
      for (const [index, key] of missingKeys) {
        const id = found.get(key)
        if (id === undefined)
          throw new MillraceError('internal', 'a shape was matched to no pattern')
        patternIds[index] = id
      }
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

function keyOf(input: Pick<ShapeInput, 'service' | 'severity' | 'shape'>): string {
  return `${input.service}\0${input.severity}\0${input.shape}`
}

function hashOf(key: string): Buffer {
  return hash('sha256', key, 'buffer').subarray(0, 16)
}

/** The patterns of shapes that this process does not know, by the shapes' keys in the cache. */
async function findOrLearn(
  deps: { pool: Pool },
  missing: ReadonlyMap<string, ShapeInput>,
): Promise<Map<string, number>> {
  const lessons = new Map<string, Lesson>()
  const lessonOf = new Map<string, string>()
  for (const [cacheKey, { service, severity, shape, example }] of missing) {
    const key = keyOf({ service, severity, shape: patternKey(shape) })
    lessonOf.set(cacheKey, key)
    const lesson = lessons.get(key)
    if (lesson) lesson.template = joinTemplates(lesson.template, shape)
    else lessons.set(key, { hash: hashOf(key), service, severity, template: shape, example })
  }
  const all = [...lessons.values()]
  const found = await findPatterns(deps.pool, all)
  const news = all.filter((lesson) => isNews(lesson, found.get(hex(lesson))))
  if (news.length > 0) for (const [hash, item] of await learn(deps, news)) found.set(hash, item)
  const ids = new Map<string, number>()
  for (const [cacheKey, key] of lessonOf) {
    const lesson = lessons.get(key)
    const item = lesson && found.get(hex(lesson))
    if (item) ids.set(cacheKey, item.id)
  }
  return ids
}

function isNews(lesson: Lesson, known: Known | undefined): boolean {
  return known === undefined || joinTemplates(known.template, lesson.template) !== known.template
}

function hex(lesson: Lesson): string {
  return lesson.hash.toString('hex')
}

async function findPatterns(
  client: Pool | PoolClient,
  lessons: readonly Lesson[],
): Promise<Map<string, Known>> {
  const { rows } = await client.query<{ hash: Buffer; id: number; template: string }>(
    `select s.hash, p.id, p.template
       from millrace.pattern_shape s
       join millrace.pattern p on p.id = s.pattern_id
      where s.hash = any($1::bytea[])`,
    [lessons.map((lesson) => lesson.hash)],
  )
  return new Map(rows.map(({ hash, id, template }) => [hash.toString('hex'), { id, template }]))
}

/**
 * Makes the patterns that are missing and generalises those that have a new kind of shape.
 *
 * Reads: pattern_shape and pattern again (another worker may have been first). Writes: pattern, pattern_shape.
 * Locks: one advisory lock for all learning in the database, to the end of the transaction; a shape that changes no
 * template never takes it.
 */
async function learn(
  deps: { pool: Pool },
  lessons: readonly Lesson[],
): Promise<Map<string, Known>> {
  return transaction(deps.pool, async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtext('millrace.pattern'))`)
    const found = await findPatterns(client, lessons)
    const fresh: Lesson[] = []
    const changed: (Lesson & Known)[] = []
    for (const lesson of lessons) {
      const known = found.get(hex(lesson))
      if (known === undefined) {
        fresh.push(lesson)
      } else if (isNews(lesson, known)) {
        const template = joinTemplates(known.template, lesson.template)
        changed.push({ ...lesson, id: known.id, template })
      }
    }
    for (const [index, id] of (await insertPatterns(client, fresh)).entries()) {
      const lesson = fresh[index]
      if (lesson) found.set(hex(lesson), { id, template: lesson.template })
    }
    await updatePatterns(client, changed)
    return found
  })
}

function patternWordsOf({ service, template }: Lesson): string {
  return wordsOf(`${service} ${template}`.replaceAll(/<[^<> ]*>/g, ' ')).join(' ')
}

/** Answers the ids, in order. */
async function insertPatterns(client: PoolClient, lessons: readonly Lesson[]): Promise<number[]> {
  if (lessons.length === 0) return []
  const { rows } = await client.query<{ id: number }>(
    `select nextval('millrace.pattern_id_seq')::int as id
       from generate_series(1, $1::int)`,
    [lessons.length],
  )
  const ids = rows.map((row) => row.id)
  await client.query(
    `insert into millrace.pattern (id, service, severity, template, token_count, example, words)
     overriding system value
     select * from unnest($1::int[], $2::text[], $3::smallint[], $4::text[], $5::int[], $6::text[], $7::text[])`,
    [
      ids,
      lessons.map((lesson) => lesson.service),
      lessons.map((lesson) => lesson.severity),
      lessons.map((lesson) => lesson.template),
      lessons.map((lesson) => tokenize(lesson.template).length),
      lessons.map((lesson) => lesson.example.slice(0, 4_096)),
      lessons.map(patternWordsOf),
    ],
  )
  await client.query(
    `insert into millrace.pattern_shape (hash, pattern_id)
     select * from unnest($1::bytea[], $2::int[])`,
    [lessons.map((lesson) => lesson.hash), ids],
  )
  return ids
}

async function updatePatterns(
  client: PoolClient,
  changed: readonly (Lesson & Known)[],
): Promise<void> {
  if (changed.length === 0) return
  await client.query(
    `update millrace.pattern p
        set template = changed.template,
            token_count = changed.token_count,
            words = changed.words,
            version = p.version + 1
       from unnest($1::int[], $2::text[], $3::int[], $4::text[]) as changed (id, template, token_count, words)
      where p.id = changed.id`,
    [
      changed.map((item) => item.id),
      changed.map((item) => item.template),
      changed.map((item) => tokenize(item.template).length),
      changed.map(patternWordsOf),
    ],
  )
}
