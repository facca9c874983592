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
    const put = (stream: string) =>
      producer.put(stream, [{ partitionKey: 'k', data: Buffer.from('x') }])
    await Promise.all([put('held'), put('free')])
    const client = await db.pool.connect()
    await client.query('begin')
    await client.query(`select millrace.append('held', 'k', 'from SQL'::text)`)
    // Both go with one flush.
    const held = put('held')
    const [free] = await put('free')
    expect(free).toMatchObject({ ok: true })
    await client.query('commit')
    client.release()
    expect((await held)[0]).toMatchObject({ ok: true })
    expect(await readStream(db, 'held')).toHaveLength(3)
    expect(await readStream(db, 'free')).toHaveLength(2)
  })
})
