// Millrace: one producer and a stream of 4 shards, all defaults (on demand, one lane). A put's records go to the shards of
// their keys, and puts that wait share the next transaction.
import { createLogger } from '../../src/base/logger.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { type Contender, slots } from './contender.ts'
import { postgresStore } from './postgres-store.ts'

const stream = 'bench-append'
const logger = createLogger({ level: 'error' })
const open = (url: string) => openDatabase({ logger }, { databaseUrl: url, dir: '' })

export const contender: Contender = {
  name: 'Millrace',
  role: 'millrace',
  durability: 'fsync before ack',
  prepare: (setting) =>
    postgresStore(setting, 'millrace', async (_client, url) => {
      await using database = await open(url)
      await createStream(database, { name: stream, shards: slots })
      return {}
    }),
  connect: async (url) => {
    const database = await open(url)
    const producer = createProducer({ ...database, logger })
    return {
      put: async (_slot, batch) => {
        for (const result of await producer.put(stream, batch)) if (!result.ok) throw result.error
      },
      close: async () => {
        await producer.stop()
        await database.close()
      },
    }
  },
}
