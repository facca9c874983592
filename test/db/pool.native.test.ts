import { expect, inject, it, onTestFinished } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createPool } from '../../src/db/pool.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { createNative } from '../support/database.ts'

const logger = createLogger({ level: 'silent' })

it('works where the database has another style of dates, a stricter isolation and no waiting for the disk as defaults', async () => {
  const template = inject('template')
  if (template.engine !== 'postgres') return expect.unreachable()
  const { url, drop } = await createNative(template)
  const pool = createPool({ logger }, { url })
  onTestFinished(async () => {
    await pool.end()
    await drop()
  })
  const name = new URL(url).pathname.slice(1)
  const admin = createPool({ logger }, { url: template.url })
  for (const setting of [
    `datestyle to 'German'`,
    `timezone to 'Asia/Kathmandu'`,
    `default_transaction_isolation to 'serializable'`,
    `synchronous_commit to 'off'`,
  ])
    await admin.query(`alter database ${name} set ${setting}`)
  await admin.end()

  await createStream({ pool }, { name: 'logs' })
  await using producer = createProducer({ pool, logger })
  const [put] = await producer.put('logs', [{ partitionKey: 'k', data: Buffer.from('x') }])
  expect(put).toMatchObject({ ok: true })
  const { rows } = await pool.query<{ at: Date }>('select now() as at')
  expect(rows[0]?.at).toBeInstanceOf(Date)
  // What is acknowledged is on disk.
  expect((await pool.query('show synchronous_commit')).rows).toEqual([{ synchronous_commit: 'on' }])
})

it('lets the server end what nobody waits for any more', async () => {
  const template = inject('template')
  if (template.engine !== 'postgres') return expect.unreachable()
  const pool = createPool({ logger }, { url: template.url })
  onTestFinished(() => pool.end())
  const client = await pool.connect()
  client.on('error', () => undefined)
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const sleeping = client.query('select pg_sleep(120)').catch(() => undefined)
  const isAlive = async () =>
    (
      await pool.query(`select from pg_stat_activity where pid = $1 and state = 'active'`, [
        rows[0]?.pid,
      ])
    ).rowCount === 1
  await expect.poll(isAlive).toBe(true)
  ;(
    client as unknown as { connection: { stream: { destroy(): void } } }
  ).connection.stream.destroy()
  await sleeping
  client.release(true)
  await expect.poll(isAlive, { timeout: 20_000 }).toBe(false)
}, 30_000)

it('has the server give up a client that is gone with its machine, long before TCP would', async () => {
  const template = inject('template')
  if (template.engine !== 'postgres') return expect.unreachable()
  const pool = createPool({ logger }, { url: template.url })
  onTestFinished(() => pool.end())
  const { rows } = await pool.query(
    `select current_setting('tcp_user_timeout') as untaken,
            current_setting('tcp_keepalives_idle') as idle`,
  )
  expect(rows).toEqual([{ untaken: '30000', idle: '15' }])
})
