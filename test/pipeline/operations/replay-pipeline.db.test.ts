import { describe, expect, it } from 'vitest'
import { timeOfSequence } from '../../../src/log/sequence.ts'
import { deletePipeline } from '../../../src/pipeline/operations/delete-pipeline.ts'
import { replayPipeline } from '../../../src/pipeline/operations/replay-pipeline.ts'
import { seekPipeline } from '../../../src/pipeline/operations/seek-pipeline.ts'
import { testDatabase } from '../../support/database.ts'
import { knownPipeline, letter, worker } from './known-pipeline.ts'

const db = await testDatabase()

const checkpoints = async (name: string) => {
  const { rows } = await db.pool.query<{ seq: string }>(
    'select seq from millrace.checkpoint where pipeline = $1 order by shard_id',
    [name],
  )
  return rows.map((row) => BigInt(row.seq))
}

describe('replayPipeline', () => {
  it('gives every shard a checkpoint at the start, and leaves the original where it is', async () => {
    const { numbers } = await knownPipeline(db, 'shop', { shards: 2, texts: ['a', 'b'] })
    const last = numbers[1] ?? 0n
    await seekPipeline(db, { name: 'shop', to: 'LATEST' })
    const before = await checkpoints('shop')
    expect(
      await replayPipeline(db, { name: 'shop', as: 'shop-all', from: 'TRIM_HORIZON' }),
    ).toEqual({
      name: 'shop-all',
      replayOf: 'shop',
      streams: ['shop'],
      shards: 2,
      behind: 2,
      workers: 0,
    })
    expect(await checkpoints('shop-all')).toEqual([0n, 0n])
    expect(await checkpoints('shop')).toEqual(before)

    const from = timeOfSequence(last)
    await replayPipeline(db, { name: 'shop', as: 'shop-late', from, streams: ['shop'] })
    expect((await checkpoints('shop-late')).every((seq) => seq < last)).toBe(true)
    const { rows } = await db.pool.query(
      `select definition, replay_of from millrace.pipeline where name = 'shop-late'`,
    )
    expect(rows).toEqual([
      {
        replay_of: 'shop',
        definition: {
          streams: ['shop'],
          start: { type: 'AT_TIMESTAMP', timestamp: from.toISOString() },
          steps: ['parse'],
          sinks: ['table'],
        },
      },
    ])
  })

  it('refuses a name that is taken, an original that is none, and streams it does not follow', async () => {
    await knownPipeline(db, 'origin')
    const replay = (name: string, as: string, rest: { streams?: string[]; from?: Date } = {}) =>
      replayPipeline(db, { name, as, from: 'TRIM_HORIZON', ...rest })
    await replay('origin', 'copy')
    for (const [attempt, code, message] of [
      [() => replay('origin', 'copy'), 'already_exists', 'delete copy'],
      [() => replay('made-up', 'x'), 'not_found', 'origin'],
      [() => replay('copy', 'x'), 'invalid_argument', 'replay "origin"'],
      [() => replay('origin', 'not a name'), 'invalid_argument', '1-64'],
      [() => replay('origin', 'x', { streams: ['else'] }), 'invalid_argument', 'it follows origin'],
      [
        () => replay('origin', 'x', { from: new Date(Date.now() + 60_000) }),
        'invalid_argument',
        'future',
      ],
    ] as const)
      await expect(attempt()).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      })
    await db.pool.query(`insert into millrace.pipeline (name) values ('old')`)
    await expect(replay('old', 'x')).rejects.toMatchObject({ code: 'conflict' })
    expect(await checkpoints('x')).toEqual([])
  })
})

describe('deletePipeline', () => {
  it('refuses while there are replays, or while a live worker would make it anew', async () => {
    const { shardIds } = await knownPipeline(db, 'doomed')
    await letter(db, 'doomed', shardIds[0] ?? 0, 'x')
    await replayPipeline(db, { name: 'doomed', as: 'doomed-again', from: 'TRIM_HORIZON' })
    await worker(db, 'alive', ['doomed', 'doomed-again'])
    await worker(db, 'dead', ['doomed'], 60_000)
    const remove = (name: string, rest = {}) => deletePipeline(db, { name, ...rest })

    await expect(remove('doomed', { force: true })).rejects.toMatchObject({
      code: 'resource_in_use',
      message: expect.stringContaining('doomed-again'),
    })
    // A replay is in no configuration, so a live worker does not keep it.
    expect(await remove('doomed-again')).toMatchObject({ shards: 1 })
    await expect(remove('doomed')).rejects.toMatchObject({
      code: 'resource_in_use',
      message: expect.stringMatching(/live workers \(alive\).*--force/),
    })
    expect(await remove('doomed', { force: true })).toEqual({
      name: 'doomed',
      shards: 1,
      deadLettersDeleted: 0,
      deadLettersKept: 1,
    })
    expect(await checkpoints('doomed')).toEqual([])
    await expect(remove('doomed')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('deletes the dead letters when it is told to', async () => {
    const { shardIds } = await knownPipeline(db, 'swept')
    await letter(db, 'swept', shardIds[0] ?? 0, 'x')
    await worker(db, 'gone', ['swept'], 60_000)
    expect(await deletePipeline(db, { name: 'swept', deadLetters: true })).toMatchObject({
      deadLettersDeleted: 1,
      deadLettersKept: 0,
    })
  })
})
