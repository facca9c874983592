import { beforeAll, expect, test } from 'vitest'
import { registerModel } from '../../src/embed/register-model.ts'
import { embedPatterns, type PatternEmbedder } from '../../src/knowledge/embed-patterns.ts'
import { maskBody } from '../../src/knowledge/mask.ts'
import { createPatternMatcher, type PatternMatcher } from '../../src/knowledge/match-patterns.ts'
import { testDatabase } from '../support/database.ts'
import { createWordEmbedder } from '../support/word-embedder.ts'

const db = await testDatabase()
const words = createWordEmbedder(8)
const asked: string[] = []
const embedder: PatternEmbedder = {
  embed: (texts, options) => {
    asked.push(...texts)
    return words.embed(texts, options)
  },
}
let modelId: number

beforeAll(async () => {
  modelId = await registerModel(db.pool, words)
})

const meet = async (matcher: PatternMatcher, body: string) => {
  const { shape } = maskBody(body)
  const { patternIds, met } = await matcher.match([
    { service: 'disk', severity: 9, shape, example: body },
  ])
  return { id: patternIds[0] ?? 0, met }
}
const embedAll = async () => {
  asked.length = 0
  await embedPatterns({ pool: db.pool, embedder, modelId })
  return [...asked]
}
const versions = async (id: number) => {
  const { rows } = await db.pool.query<{ version: number; embedded: number }>(
    `select p.version, e.version as embedded
       from millrace.pattern p
       join millrace.pattern_embedding e on e.pattern_id = p.id and e.model_id = $2
      where p.id = $1`,
    [id, modelId],
  )
  return rows[0]
}

test('a pattern is embedded once, and again when it generalises, also in another process', async () => {
  const [mine, other] = [createPatternMatcher(db), createPatternMatcher(db)]
  const { id } = await meet(mine, 'mounted /dev/root as the data volume')
  expect(await embedAll()).toEqual(['disk INFO: mounted /dev/root as the data volume'])
  expect(await embedAll()).toEqual([])
  const again = await meet(other, 'mounted /dev/disk as the data volume')
  expect(again).toEqual({ id, met: new Set([id]) })
  expect(await embedAll()).toEqual(['disk INFO: mounted as the data volume'])
  expect(await versions(id)).toEqual({ version: 2, embedded: 2 })
  await meet(mine, 'mounted /dev/third as the data volume')
  expect(await embedAll()).toEqual([])
})

test('a vector of an older version, computed late, never replaces a newer one', async () => {
  const matcher = createPatternMatcher(db)
  const { id } = await meet(matcher, 'checked /srv/a of the array')
  let go = () => {}
  let started = () => {}
  const held = new Promise<void>((resolve) => {
    go = resolve
  })
  const asks = new Promise<void>((resolve) => {
    started = resolve
  })
  const slow: PatternEmbedder = {
    embed: async (texts, options) => {
      started()
      await held
      return words.embed(texts, options)
    },
  }
  const late = embedPatterns({ pool: db.pool, embedder: slow, modelId })
  await asks
  await meet(createPatternMatcher(db), 'checked /srv/b of the array')
  await embedAll()
  go()
  await late
  expect(await versions(id)).toEqual({ version: 2, embedded: 2 })
})
