// The limit of a log of one row a record: numbers allocated under the shard's row lock, rows from two binary arrays, one
// prepared statement and transaction a put, one connection and shard a slot. Node-pg's array literals instead of
// binary arrays halved it (49,000 instead of 96,000 records/s). The update hands out the numbers: a max() of the rows
// would read an old snapshot after waiting for the lock, and hand them out twice.
import { encodeBinaryArray } from '../support/encode-binary-array.ts'
import { type Contender, slots } from './contender.ts'
import { rowsTable } from './copy-encoding.ts'
import { connectSlots, postgresStore } from './postgres-store.ts'

const append = `with numbered as (
    update shard set last = last + $2 where id = $1 returning last - $2 as before
  )
  insert into rows (shard, seq, key, data)
  select $1, numbered.before + place, key, data
    from numbered, unnest($3::text[], $4::bytea[]) with ordinality as record (key, data, place)`

export const contender: Contender = {
  name: 'unnest of rows',
  role: 'limit',
  durability: 'fsync before ack',
  prepare: (setting) =>
    postgresStore(setting, 'unnest_rows', async (client) => {
      await client.query(rowsTable)
      await client.query('create table shard (id int primary key, last bigint not null)')
      await client.query('insert into shard select id, 0 from generate_series(0, $1) id', [
        slots - 1,
      ])
      return {}
    }),
  connect: async (url) => {
    const clients = await connectSlots(url, slots)
    return {
      put: async (slot, batch) => {
        const keys = batch.map((line) => Buffer.from(line.partitionKey))
        const data = batch.map((line) => line.data)
        await clients[slot]?.query({
          name: 'append',
          text: append,
          values: [
            slot,
            batch.length,
            encodeBinaryArray(keys, 'text'),
            encodeBinaryArray(data, 'bytea'),
          ],
        })
      },
      close: async () => {
        await Promise.all(clients.map((client) => client.end()))
      },
    }
  },
}
