import { expect, test } from 'vitest'
import { contentHash } from '../../src/embed/content-hash.ts'
import { forgetOldVectors } from '../../src/embed/forget-old-vectors.ts'
import { registerModel } from '../../src/embed/register-model.ts'
import { readVectors, writeVectors } from '../../src/embed/vector-cache.ts'
import { testDatabase } from '../support/database.ts'

const { pool } = await testDatabase()
const modelId = await registerModel(pool, { id: 'test:old', dimensions: 3 })

test('vectors older than the retention go, however many there are, and younger ones stay', async () => {
  const hashes = Array.from({ length: 2_500 }, (_, index) => contentHash(`text ${index}`))
  const vectors = hashes.map((hash, index) => [hash, Float32Array.of(index, 0, 1)] as const)
  await writeVectors(pool, modelId, vectors.slice(0, 2_400), 'me')
  await pool.query(`update millrace.embedding_cache set created_at = now() - interval '25 hours'`)
  await writeVectors(pool, modelId, vectors.slice(2_400), 'me')
  expect(await forgetOldVectors(pool, { retentionHours: 26 })).toBe(0)
  expect(await forgetOldVectors(pool, { retentionHours: 24 })).toBe(2_400)
  expect([...(await readVectors(pool, modelId, hashes)).keys()].sort()).toEqual(
    hashes.slice(2_400).sort(),
  )
})
