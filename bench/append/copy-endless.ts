// The limit of rows as such: one COPY a connection over the whole turn. A put only fills the pipe, so nothing is
// acknowledged before the turn's end; that is no way to append, but what all others are below.
import { once } from 'node:events'
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams'
import { batchSize, type Contender, slots } from './contender.ts'
import { copyEnd, copyStart, encodeCopyRows, rowsTable } from './copy-encoding.ts'
import { connectSlots, postgresStore } from './postgres-store.ts'

export const contender: Contender = {
  name: 'COPY of rows, one endless COPY',
  role: 'limit',
  durability: 'fsync at the end only',
  prepare: (setting) =>
    postgresStore(setting, 'copy_endless', async (client) => {
      await client.query(rowsTable)
      return {}
    }),
  connect: async (url) => {
    const clients = await connectSlots(url, slots)
    const next = clients.map(() => 1)
    const streams = new Map<number, CopyStreamQuery>()
    const streamOf = (slot: number) => {
      const known = streams.get(slot)
      if (known) return known
      const client = clients[slot]
      if (!client) throw new Error(`expected a connection for slot ${slot}, found none`)
      const stream = client.query(
        copyFrom('copy rows (shard, seq, key, data) from stdin (format binary)'),
      )
      // It also fails the wait for `drain` or `finish`; between two of them nobody listens.
      stream.on('error', () => undefined)
      stream.write(copyStart)
      streams.set(slot, stream)
      return stream
    }
    return {
      put: async (slot, batch) => {
        const first = next[slot] ?? 0
        next[slot] = first + batchSize
        const stream = streamOf(slot)
        if (!stream.write(encodeCopyRows(slot, first, batch))) await once(stream, 'drain')
      },
      settle: async () => {
        const ended = [...streams.values()].map((stream) => {
          stream.end(copyEnd)
          return once(stream, 'finish')
        })
        streams.clear()
        await Promise.all(ended)
      },
      close: async () => {
        await Promise.all(clients.map((client) => client.end()))
      },
    }
  },
}
