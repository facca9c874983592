import type { PoolClient } from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { definePipeline } from '../../../src/pipeline/define-pipeline.ts'
import { sink } from '../../../src/pipeline/sink.ts'
import { PartialFailure, type StepContext } from '../../../src/pipeline/step.ts'
import { aggregate } from '../../../src/pipeline/steps/aggregate.ts'
import { testDatabase } from '../../support/database.ts'
import { createPipelineRig, pipelineOf, toEffect } from '../../support/pipeline-rig.ts'

const db = await testDatabase()
const { prepare, setup, run, effects, makeDue, deadLetters, checkpoint } = createPipelineRig(db)

beforeAll(async () => {
  await prepare()
})

/** Works one record of a pipeline whose second sink does `write`; returns what its dead letters say. */
async function lettersOf(
  name: string,
  write: (client: PoolClient, context: StepContext) => unknown,
): Promise<string[]> {
  const work = await setup(name, ['some text'])
  const pipeline = definePipeline({ name, stream: name, retry: { attempts: 1 } }).to(
    toEffect,
    sink(name, async (client, _, context) => (await write(client, context)) as undefined),
  )
  await run({ ...work, pipeline })
  return (await deadLetters(name)).map((letter) => letter.error)
}

describe('a sink', () => {
  it.each([
    ['commit', 'COMMIT'],
    ['end', 'END'],
    ['rollback', 'ROLLBACK'],
    ['/* now */ rollback; begin', 'ROLLBACK'],
    ['select 1; commit and chain', 'COMMIT'],
    ['begin', 'BEGIN'],
    ['start transaction', 'START TRANSACTION'],
  ])('that sends "%s" has failed, and nothing of its batch is there', async (sql, word) => {
    const name = `ends-${sql.replaceAll(/\W+/g, '-')}`
    const [error] = await lettersOf(name, (client) => client.query(sql))
    expect(error).toContain(`expected a write to leave its transaction open, got ${word}:`)
    expect(await effects(name)).toEqual([])
    expect(await checkpoint(name)).toMatchObject({ records: '1', dead: '1' })
  })

  it('may undo a part by a savepoint, and set what lasts as long as its batch', async () => {
    const letters = await lettersOf('careful', async (client) => {
      await client.query('savepoint one')
      await client.query('select 1 / 0').catch(() => undefined)
      await client.query('rollback to savepoint one')
      await client.query(`set local lock_timeout = 1000; select 'commit; rollback', 'set'`)
      await client.query(
        `set  /* here */\n local lock_timeout = 2000; set constraints  all deferred`,
      )
      await client.query(`select set_config('lock_timeout', $1, true), false`, ['3000'])
      await client.query(`with "end" as (select 1) select 'begin' from "end" -- commit`)
      await client.query('do $$ begin perform 1; end $$')
    })
    expect(letters).toEqual([])
    expect(await effects('careful')).toEqual(['some text'])
  })

  it('may not leave settings to those who have the connection next', async () => {
    const [error] = await lettersOf('settles', (client) =>
      client.query({ text: 'set search_path = nowhere' }),
    )
    expect(error).toContain('expected settings for the batch’s transaction only (SET LOCAL, ')
    expect(error).toContain('got SET: others use the connection afterwards')
    const [another] = await lettersOf('calls', (client) =>
      client.query(`select set_config('search_path', $1, false)`, ['nowhere']),
    )
    expect(another).toContain('got SET_CONFIG: others use')
  })

  it('may not give its connection back', async () => {
    const [error] = await lettersOf('releases', (client) => client.release())
    expect(error).toContain('expected a write to leave its connection open')
    expect(await effects('releases')).toEqual([])
  })

  it('that names no list of failed records has failed itself', async () => {
    const [error] = await lettersOf('nameless', () => new PartialFailure(undefined as never))
    expect(error).toContain('expected a PartialFailure to be given a list of sequence numbers')
  })
})

describe('a step', () => {
  const once = { retry: { attempts: 1 } }

  it('that writes to a record has failed: the checkpoint is not moved by it', async () => {
    const work = await setup('writes', ['a', 'b'])
    const pipeline = pipelineOf(
      'writes',
      (records) => {
        for (const record of records) (record as { sequence: bigint }).sequence = 5n
        return records
      },
      once,
    )
    await run({ ...work, pipeline })
    expect((await deadLetters('writes')).map((letter) => letter.data)).toEqual(['a', 'b'])
  })

  it('that takes records out of its context has failed: none is lost', async () => {
    const work = await setup('takes', ['a', 'b'])
    const pipeline = pipelineOf(
      'takes',
      (records, context) => {
        ;(context.records as unknown[]).length = 0
        return records
      },
      once,
    )
    await run({ ...work, pipeline })
    expect((await deadLetters('takes')).map((letter) => letter.data)).toEqual(['a', 'b'])
  })

  it('that returns promises in its list has failed', async () => {
    const work = await setup('promises', ['a'])
    const process = (records: readonly unknown[]) => records.map(async (record) => record)
    await run({ ...work, pipeline: pipelineOf('promises', process, once) })
    const [letter] = await deadLetters('promises')
    expect(letter?.error).toContain('(await them all: Promise.all), got a promise in place 0')
  })

  it.each<[string, unknown, RegExp]>([
    ['null', null, /it threw null; throw an Error instead$/],
    ['a PartialFailure', new PartialFailure([1n]), /it threw a PartialFailure; return it instead/],
    ['lines', new Error('one\n\ttwo\u001b[31m'), /it threw Error: one two \[31m$/],
  ])('that throws %s is told so, on one line', async (what, thrown, message) => {
    const name = `throws-${what.replaceAll(' ', '-')}`
    const work = await setup(name, ['a'])
    const throwing = () => {
      throw thrown
    }
    await run({ ...work, pipeline: pipelineOf(name, throwing, once) })
    const [letter] = await deadLetters(name)
    expect(letter?.error).toMatch(message)
  })
})

describe('an aggregate', () => {
  it('whose result quotes its state does not tell it', async () => {
    const work = await setup('quotes', ['a secret that nobody reads'])
    const pipeline = definePipeline({ name: 'quotes', stream: 'quotes' })
      .step(
        aggregate({
          windowMs: 1_000,
          initial: () => '',
          add: (_state, record) => record.data.toString(),
          result: (state): { text: string } => {
            throw new Error(`cannot sum up "${state}"`)
          },
        }),
      )
      .to(sink('nowhere', async () => {}))
    await run({ ...work, pipeline })
    await db.pool.query(`update millrace.shard set state = 'closed', closed_seq = millrace.last_seq(id)
      where id = ${work.key.shardId}`)
    await makeDue('quotes')
    await run({ ...work, pipeline })
    const { last_error: error } = await checkpoint('quotes')
    expect(error).toMatch(/its result could not be made: it threw Error: cannot sum up \[record\]$/)
  })
})
