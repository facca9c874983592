import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { updateRetention } from '../../src/log/update-retention.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })

/** A stream with a record of each age, oldest first, in hours. */
async function streamOf(name: string, retentionHours: number, ages: readonly number[]) {
  await createStream(db, { name, retentionHours })
  const { shards } = await describeStream(db, name)
  const id = shards[0]?.id
  await using producer = createProducer({ ...db, logger })
  for (const hours of ages)
    await producer.put(name, [{ partitionKey: 'k', data: Buffer.from(`${hours} h`) }])
  const all = await readStream(db, name)
  // One leaf holds them all here, so that only the horizon decides what is returned.
  const { rows } = await db.pool.query(
    'update millrace.segment set start_seq = 0 where shard_id = $1 and used returning table_name',
    [id],
  )
  await db.pool.query(
    `alter table millrace.frame_s${id} detach partition millrace."${rows[0].table_name}"`,
  )
  let previous = 0n
  for (const [index, hours] of ages.entries()) {
    const sequence = (all[index]?.sequence ?? 0n) - (BigInt(hours * 3_600_000) << 22n)
    await db.pool.query(
      `update millrace."${rows[0].table_name}"
          set first_seq = $2, last_seq = $2, prev_seq = $3
        where first_seq = $1`,
      [all[index]?.sequence, sequence, previous].map(String),
    )
    previous = sequence
  }
}

const kept = async (name: string) =>
  (await readStream(db, name)).map((record) => record.data.toString())
const keptInSql = async (name: string) =>
  (
    await db.pool.query(`select text from millrace.record where stream = $1 order by sequence`, [
      name,
    ])
  ).rows.map((row) => row.text)

describe('updateRetention', () => {
  it('hides what is older at once, and brings nothing back when it is raised', async () => {
    await streamOf('hidden', 100, [90, 60, 30, 1])
    expect(await kept('hidden')).toEqual(['90 h', '60 h', '30 h', '1 h'])
    await updateRetention(db, { stream: 'hidden', retentionHours: 50 })
    expect(await kept('hidden')).toEqual(['30 h', '1 h'])
    expect(await keptInSql('hidden')).toEqual(['30 h', '1 h'])
    await updateRetention(db, { stream: 'hidden', retentionHours: 8_760 })
    expect(await kept('hidden')).toEqual(['30 h', '1 h'])
    expect(await keptInSql('hidden')).toEqual(['30 h', '1 h'])
    await updateRetention(db, { stream: 'hidden', retentionHours: 24 })
    expect(await kept('hidden')).toEqual(['1 h'])
    expect(await describeStream(db, 'hidden')).toMatchObject({ retentionHours: 24 })
  })

  it('keeps longer what is there when it is raised in time', async () => {
    await streamOf('raised', 100, [99, 1])
    await updateRetention(db, { stream: 'raised', retentionHours: 200 })
    expect(await kept('raised')).toEqual(['99 h', '1 h'])
  })

  it('refuses less than 24 hours, more than a year, and a stream that is not there', async () => {
    await createStream(db, { name: 'bounds' })
    for (const retentionHours of [23, 8_761, 24.5])
      await expect(updateRetention(db, { stream: 'bounds', retentionHours })).rejects.toMatchObject(
        {
          code: 'invalid_argument',
          message: expect.stringMatching(/retentionHours/),
        },
      )
    await expect(
      updateRetention(db, { stream: 'nowhere', retentionHours: 48 }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })
})
