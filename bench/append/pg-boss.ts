// pg-boss: a put is one insert of 500 jobs (its bulk insert, which returns no ids), 4 queues, a pool of 4, its maintenance
// and schedules off.
import { type Contender, slots } from './contender.ts'
import { payloadOf } from './payload.ts'
import { loadPeer, peerVersion } from './peers.ts'
import { postgresStore } from './postgres-store.ts'

interface Boss {
  on(event: 'error', listener: (error: Error) => void): void
  start(): Promise<unknown>
  createQueue(name: string): Promise<void>
  insert(name: string, jobs: { data: object }[]): Promise<unknown>
  stop(options: { graceful: boolean }): Promise<void>
}
interface PgBossModule {
  PgBoss: new (options: {
    connectionString: string
    max: number
    supervise: boolean
    schedule: boolean
  }) => Boss
}

async function open(url: string): Promise<Boss> {
  const { PgBoss } = loadPeer<PgBossModule>('pg-boss')
  const boss = new PgBoss({ connectionString: url, max: slots, supervise: false, schedule: false })
  boss.on('error', () => undefined)
  await boss.start()
  return boss
}

export const contender: Contender = {
  name: 'pg-boss',
  role: 'peer',
  durability: 'fsync before ack',
  prepare: (setting) =>
    postgresStore(setting, 'pg_boss', async (_client, url) => {
      const version = await peerVersion('pg-boss')
      const boss = await open(url)
      for (let slot = 0; slot < slots; slot += 1) await boss.createQueue(`queue_${slot}`)
      await boss.stop({ graceful: false })
      return { 'pg-boss': version }
    }),
  connect: async (url) => {
    const boss = await open(url)
    return {
      put: async (slot, batch) => {
        await boss.insert(
          `queue_${slot}`,
          batch.map((line) => ({ data: payloadOf(line) })),
        )
      },
      close: () => boss.stop({ graceful: false }),
    }
  },
}
