import { describe, expect, it } from 'vitest'
import { deletePipeline } from '../../../src/pipeline/operations/delete-pipeline.ts'
import { dropDeadLetters } from '../../../src/pipeline/operations/drop-dead-letters.ts'
import { listDeadLetters } from '../../../src/pipeline/operations/list-dead-letters.ts'
import { readDeadLetter } from '../../../src/pipeline/operations/read-dead-letter.ts'
import { redriveDeadLetters } from '../../../src/pipeline/operations/redrive-dead-letters.ts'
import { testDatabase } from '../../support/database.ts'
import { knownPipeline, letter } from './known-pipeline.ts'

const db = await testDatabase()

/** A pipeline with three letters; returns their ids. */
async function setup(name: string): Promise<[bigint, bigint, bigint]> {
  const { shardIds } = await knownPipeline(db, name)
  const [shardId = 0] = shardIds
  const add = (data: string) => letter(db, name, shardId, data)
  return [await add('secret 1'), await add('secret 2'), await add('secret 3')]
}

const marked = async (pipeline: string) => {
  const { deadLetters } = await listDeadLetters(db, { pipeline })
  return deadLetters.filter(({ redriveAt }) => redriveAt !== null).map(({ id }) => id)
}

describe('listDeadLetters', () => {
  it('lists the newest first, as many as asked, and never a payload', async () => {
    const ids = await setup('listed')
    const page = await listDeadLetters(db, { pipeline: 'listed', limit: 2 })
    expect(page.deadLetters.map(({ id }) => id)).toEqual([ids[2], ids[1]])
    expect(page.hasMore).toBe(true)
    expect(page.deadLetters[0]).toEqual({
      id: ids[2],
      pipeline: 'listed',
      stream: 'listed',
      shard: 0,
      sequence: 7n,
      createdAt: expect.any(Date),
      arrivedAt: expect.any(Date),
      condition: 'retries_exhausted',
      step: 'parse',
      attempts: 3,
      error: 'it threw Error: no',
      redriveAt: null,
    })
    const list = (filter: { shard?: number; since?: Date }) =>
      listDeadLetters(db, { pipeline: 'listed', ...filter })
    expect(await list({ shard: 1 })).toEqual({ deadLetters: [], hasMore: false })
    expect((await list({ since: new Date(Date.now() + 60_000) })).deadLetters).toEqual([])
    expect((await list({ since: new Date(0), shard: 0 })).deadLetters).toHaveLength(3)
    await expect(listDeadLetters(db, { pipeline: 'none' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('readDeadLetter', () => {
  it('returns the record whole', async () => {
    const [id] = await setup('read')
    expect(await readDeadLetter(db, { id })).toMatchObject({
      id,
      partitionKey: 'k',
      data: Buffer.from('secret 1'),
    })
    for (const missing of [999_999n, 10n ** 30n])
      await expect(readDeadLetter(db, { id: missing })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('redriveDeadLetters', () => {
  it('marks the named ones, then the rest, and none that is being tried', async () => {
    const [first, second, third] = await setup('tried')
    expect(await redriveDeadLetters(db, { pipeline: 'tried', ids: [second] })).toEqual({
      pipeline: 'tried',
      redriven: 1,
      alreadyMarked: 0,
      state: 'running',
      workers: 0,
    })
    expect(await marked('tried')).toEqual([second])
    expect(await redriveDeadLetters(db, { pipeline: 'tried', all: true })).toMatchObject({
      redriven: 2,
      alreadyMarked: 1,
    })
    expect(await marked('tried')).toEqual([third, second, first])
  })

  it('marks nothing when one of the ids is not of the pipeline, or none is given', async () => {
    const [first] = await setup('mine')
    const [other] = await setup('others')
    const redrive = (choice: { ids?: bigint[]; all?: boolean }) =>
      redriveDeadLetters(db, { pipeline: 'mine', ...choice })
    await expect(redrive({ ids: [first, other] })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining(String(other)),
    })
    await expect(redrive({})).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(redrive({ ids: [first], all: true })).rejects.toMatchObject({
      code: 'invalid_argument',
    })
    expect(await marked('mine')).toEqual([])
  })
})

describe('dropDeadLetters', () => {
  it('drops the named ones or all, also those of a deleted pipeline', async () => {
    const [first] = await setup('dropped')
    const drop = (choice: { ids?: bigint[]; all?: boolean }) =>
      dropDeadLetters(db, { pipeline: 'dropped', ...choice })
    expect(await drop({ ids: [first] })).toEqual({ pipeline: 'dropped', dropped: 1 })
    await deletePipeline(db, { name: 'dropped' })
    expect((await listDeadLetters(db, { pipeline: 'dropped' })).deadLetters).toHaveLength(2)
    await expect(redriveDeadLetters(db, { pipeline: 'dropped', all: true })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await drop({ all: true })).toMatchObject({ dropped: 2 })
    await expect(drop({ all: true })).rejects.toMatchObject({ code: 'not_found' })
  })
})
