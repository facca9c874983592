import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { testDatabase } from '../support/database.ts'
import { readStream } from '../support/read-stream.ts'

const db = await testDatabase()
const logger = createLogger({ level: 'silent' })

describe('producer on a server', () => {
  it('stores what goes to other shards while a transaction of somebody else holds one', async () => {
    await createStream(db, { name: 'held' })
    await createStream(db, { name: 'free' })
    await using producer = createProducer({ ...db, logger }, { lanes: 1 })
    const put = (stream: string, text = 'x') =>
      producer.put(stream, [{ partitionKey: 'k', data: Buffer.from(text) }])
    await Promise.all([put('held'), put('free')])
    const client = await db.pool.connect()
    await client.query('begin')
    await client.query(`select millrace.append('held', 'k', 'from SQL'::text)`)
    // Both go with one flush.
    const held = put('held')
    const [free] = await put('free')
    expect(free).toMatchObject({ ok: true })
    // The lane goes on with the free one; what is put to the held one waits behind what was.
    const later = [put('held', 'y'), put('held', 'z')]
    expect((await put('free'))[0]).toMatchObject({ ok: true })
    expect((await put('free'))[0]).toMatchObject({ ok: true })
    await client.query('commit')
    client.release()
    for (const [result] of await Promise.all([held, ...later]))
      expect(result).toMatchObject({ ok: true })
    const stored = await readStream(db, 'held')
    expect(stored.map((record) => record.data.toString())).toEqual(['x', 'from SQL', 'x', 'y', 'z'])
    expect(await readStream(db, 'free')).toHaveLength(4)
  })
})
