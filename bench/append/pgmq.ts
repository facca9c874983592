// pgmq: 4 queues, one connection each, a put is one send_batch of 500 jsonb messages (its only bulk insert). Its SQL comes
// from npm's build for PGlite and is run as it is: pgmq is plain SQL, and says itself that this is a way to install it.
import { encodeBinaryArray } from '../support/encode-binary-array.ts'
import { type Contender, slots } from './contender.ts'
import { capture, peerFile, peerVersion } from './peers.ts'
import { connectSlots, postgresStore } from './postgres-store.ts'

const peer = '@electric-sql/pglite-pgmq'

export const contender: Contender = {
  name: 'pgmq',
  role: 'peer',
  durability: 'fsync before ack',
  prepare: (setting) =>
    postgresStore(setting, 'pgmq', async (client) => {
      await peerVersion(peer)
      const archive = peerFile(`${peer}/dist/pgmq.tar.gz`)
      const tar = (...args: string[]) => capture('tar', args, setting.signal)
      const files = (await tar('-tzf', archive)).split('\n')
      // The upgrades are called pgmq--FROM--TO.sql.
      const file = files.find((name) => /\/pgmq--[\d.]+\.sql$/.test(name))
      if (file === undefined) throw new Error(`expected pgmq's SQL in npm's ${peer}, found none`)
      await client.query(await tar('-xzOf', archive, file))
      for (let slot = 0; slot < slots; slot += 1)
        await client.query('select pgmq.create($1)', [`queue_${slot}`])
      return { pgmq: /--([\d.]+)\.sql/.exec(file)?.[1] ?? '' }
    }),
  connect: async (url) => {
    const clients = await connectSlots(url, slots)
    return {
      put: async (slot, batch) => {
        const messages = batch.map((line) => line.data)
        await clients[slot]?.query({
          name: 'send',
          text: 'select count(*) from pgmq.send_batch($1, $2::text[]::jsonb[])',
          values: [`queue_${slot}`, encodeBinaryArray(messages, 'text')],
        })
      },
      close: async () => {
        await Promise.all(clients.map((client) => client.end()))
      },
    }
  },
}
