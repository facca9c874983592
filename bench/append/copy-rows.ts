// The limit of a put that is a transaction of its own: COPY of 500 rows, one connection a slot, numbered by the client
// (a log would have to allocate them). Binary format: text (hex) gave 87,000 records/s where binary gave 106,000.
import { once } from 'node:events'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { BenchLine } from '../support/lines.ts'
import { batchSize, type Contender, slots } from './contender.ts'
import { copyEnd, copyStart, encodeCopyRows, rowsTable } from './copy-encoding.ts'
import { connectSlots, postgresStore } from './postgres-store.ts'

export const contender: Contender = {
  name: 'COPY of rows',
  role: 'limit',
  durability: 'fsync before ack',
  prepare: (setting) =>
    postgresStore(setting, 'copy_rows', async (client) => {
      await client.query(rowsTable)
      return {}
    }),
  connect: async (url) => {
    const clients = await connectSlots(url, slots)
    const next = clients.map(() => 1)
    return {
      put: async (slot, batch) => {
        const first = next[slot] ?? 0
        next[slot] = first + batchSize
        await copy(clients[slot] as pg.Client, slot, first, batch)
      },
      close: async () => {
        await Promise.all(clients.map((client) => client.end()))
      },
    }
  },
}

async function copy(client: pg.Client, slot: number, first: number, batch: readonly BenchLine[]) {
  const stream = client.query(
    copyFrom('copy rows (shard, seq, key, data) from stdin (format binary)'),
  )
  stream.end(Buffer.concat([copyStart, encodeCopyRows(slot, first, batch), copyEnd]))
  await once(stream, 'finish')
}
