import { expect, test } from 'vitest'
import { contentHash } from '../../src/embed/content-hash.ts'
import { registerModel } from '../../src/embed/register-model.ts'
import { readVectors, writeVectors } from '../../src/embed/vector-cache.ts'
import { testDatabase } from '../support/database.ts'

const { pool } = await testDatabase()
const modelId = await registerModel(pool, { id: 'test:vectors', dimensions: 384 })

test('a stored vector comes back as the database shows it, at half precision', async () => {
  const vector = Float32Array.from({ length: 384 }, (_, i) => Math.sin(i) / 2 ** (i % 26))
  const hash = contentHash('a')
  await writeVectors(pool, modelId, [[hash, vector]], 'me')
  const found = (await readVectors(pool, modelId, [hash])).get(hash)
  const { rows } = await pool.query(
    'select embedding::text as text from millrace.embedding_cache where model_id = $1',
    [modelId],
  )
  expect([...(found ?? [])]).toEqual([...Float32Array.from(JSON.parse(rows[0]?.text))])
  for (const [index, value] of vector.entries())
    expect(Math.abs((found?.[index] ?? Number.NaN) - value)).toBeLessThan(0.0005)
})

test('hashes that are not stored are left out, and nothing is stored for no vectors', async () => {
  await writeVectors(pool, modelId, [], 'me')
  expect(await readVectors(pool, modelId, [contentHash('unknown')])).toEqual(new Map())
  expect(await readVectors(pool, modelId, [])).toEqual(new Map())
})

test('a content hash is the SHA-256 of the text', () => {
  expect(contentHash('abc')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})
