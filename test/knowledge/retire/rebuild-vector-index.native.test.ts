import { beforeAll, expect, it } from 'vitest'
import { registerModel } from '../../../src/embed/register-model.ts'
import { ensureVectorIndex } from '../../../src/knowledge/ensure-vector-index.ts'
import { rebuildVectorIndexes } from '../../../src/knowledge/retire/rebuild-vector-index.ts'
import { testDatabase } from '../../support/database.ts'

const db = await testDatabase()
const model = {
  id: await registerModel(db.pool, { id: 'test:rebuild', dimensions: 64 }),
  dimensions: 64,
}
const index = `pattern_embedding_m${model.id}_idx`
const any = { minBytes: 0 }

const bytes = async () =>
  (
    await db.pool.query('select pg_relation_size($1::regclass)::int as bytes', [
      `millrace.${index}`,
    ])
  ).rows[0].bytes
const indexes = async () =>
  (
    await db.pool.query(
      `select relname from pg_class where relname like 'pattern_embedding_m%' order by 1`,
    )
  ).rows.map((row) => row.relname)

beforeAll(async () => {
  await ensureVectorIndex(db, model)
  await db.pool.query(
    `insert into millrace.pattern (service, severity, template, token_count, example, words)
     select 'web', 9, 'line ' || n, 2, '', 'line' from generate_series(1, 3000) as n`,
  )
  await db.pool.query(
    `insert into millrace.pattern_embedding (model_id, pattern_id, version, embedding)
     select $1, p.id, 1, (select array_agg(sin(p.id * k)::real) from generate_series(1, 64) as k)::vector::halfvec
       from millrace.pattern p`,
    [model.id],
  )
})

it('makes an index anew when most of its vectors are gone, and not before', async () => {
  expect(await rebuildVectorIndexes(db, any)).toBe(0)
  await db.pool.query('delete from millrace.pattern_embedding where pattern_id > 200')
  expect(await rebuildVectorIndexes(db)).toBe(0)
  const before = await bytes()
  expect(await rebuildVectorIndexes(db, any)).toBe(1)
  expect(await bytes()).toBeLessThan(before / 5)
  expect(await rebuildVectorIndexes(db, any)).toBe(0)
  expect(await indexes()).toEqual([index])
})

it('drops what an interrupted rebuild left, unless somebody is at it', async () => {
  await db.pool.query(
    `create index ${index}_ccnew on millrace.pattern_embedding
      using hnsw ((embedding::halfvec(64)) halfvec_cosine_ops) where model_id = ${model.id}`,
  )
  await db.pool.query('update pg_index set indisvalid = false where indexrelid = $1::regclass', [
    `millrace.${index}_ccnew`,
  ])
  const other = await db.pool.connect()
  await other.query(`select pg_advisory_lock(hashtext('millrace.vector_rebuild'))`)
  await rebuildVectorIndexes(db, any)
  expect(await indexes()).toEqual([index, `${index}_ccnew`])
  other.release(true)
  await expect
    .poll(async () => {
      await rebuildVectorIndexes(db, any)
      return indexes()
    })
    .toEqual([index])
})
