// PgQ (Skytools' queue, Debian's postgresql-15-pgq3): 4 queues, one connection each. It has no bulk insert, so a put is one
// statement with 500 calls of its insert_event (the C version of pgq_lowlevel), the key as the event's type.

import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { encodeBinaryArray } from '../support/encode-binary-array.ts'
import { type Contender, type Setting, slots } from './contender.ts'
import { debianPeer } from './peers.ts'
import { connectSlots, postgresStore } from './postgres-store.ts'

const insert = `select count(pgq.insert_event($1, key, data))
  from unnest($2::text[], $3::text[]) as record (key, data)`

export const contender: Contender = {
  name: 'PgQ',
  role: 'peer',
  durability: 'fsync before ack',
  prepare: (setting) =>
    postgresStore(setting, 'pgq', async (client) => {
      await offerExtension(setting, client)
      await client.query('create extension pgq')
      for (let slot = 0; slot < slots; slot += 1)
        await client.query('select pgq.create_queue($1)', [`queue_${slot}`])
      const { rows } = await client.query<{ version: string }>('select pgq.version() as version')
      return { PgQ: rows[0]?.version ?? '' }
    }),
  connect: async (url) => {
    const clients = await connectSlots(url, slots)
    return {
      put: async (slot, batch) => {
        const keys = batch.map((line) => Buffer.from(line.partitionKey))
        const data = batch.map((line) => line.data)
        await clients[slot]?.query({
          name: 'insert',
          text: insert,
          values: [
            `queue_${slot}`,
            encodeBinaryArray(keys, 'text'),
            encodeBinaryArray(data, 'text'),
          ],
        })
      },
      close: async () => {
        await Promise.all(clients.map((client) => client.end()))
      },
    }
  },
}

/** Puts the package's files into .ci/native-postgres.sh's own server; any other server is left as it is. */
async function offerExtension(setting: Setting, client: pg.Client): Promise<void> {
  const isOffered = async () => {
    const { rowCount } = await client.query(
      `select from pg_available_extensions where name = 'pgq'`,
    )
    return rowCount === 1
  }
  if (await isOffered()) return
  const { rows } = await client.query<{ setting: string }>(
    `select setting from pg_config where name = 'SHAREDIR'`,
  )
  const [, root] = /^(.*\/root-15)\/usr\/share\/postgresql\/15$/.exec(rows[0]?.setting ?? '') ?? []
  if (root === undefined) throw new Error('not available on this server')
  const unpacked = await debianPeer(setting, 'pgq', ['postgresql-15-pgq3'])
  for (const folder of ['lib', 'share'])
    await cp(
      join(unpacked, 'usr', folder, 'postgresql', '15'),
      join(root, 'usr', folder, 'postgresql', '15'),
      { recursive: true },
    )
  if (!(await isOffered())) throw new Error('not available on this server')
}
