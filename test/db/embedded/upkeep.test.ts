import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Multiplexer } from '../../../src/db/embedded/multiplexer.ts'
import type { Session } from '../../../src/db/embedded/session.ts'
import { defaultUpkeep, startUpkeep } from '../../../src/db/embedded/upkeep.ts'
import { testClient, testEngine } from './embedded-database.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** A multiplexer whose session writes down what it is asked, at a log position that the test moves. */
function recorder() {
  const state = { unitsRun: 0, position: 1_000, asked: [] as string[] }
  const query = async (sql: string) => {
    if (/pg_wal_lsn_diff/.test(sql)) return [{ bytes: state.position }]
    if (/pg_stat_all_tables/.test(sql))
      return [{ name: 'grown', is_bloated: false, is_changed: true }]
    state.asked.push(sql)
    return []
  }
  const session = { query } as unknown as Session
  const multiplexer = {
    exclusive: (work: (session: Session) => unknown) => work(session),
    get unitsRun() {
      return state.unitsRun
    },
  } as unknown as Multiplexer
  return { state, multiplexer }
}

const options = defaultUpkeep
const start = (multiplexer: Multiplexer, free = 1e12) =>
  startUpkeep({ multiplexer, freeBytes: async () => free, report: () => undefined }, options)

test('a checkpoint comes a minute after something was written, and none when nothing was', async () => {
  const { state, multiplexer } = recorder()
  const upkeep = start(multiplexer)
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
  const checkpoints = () => state.asked.filter((sql) => sql === 'checkpoint').length
  await pass(10_000)
  state.unitsRun += 1
  await pass(120_000)
  expect(checkpoints()).toBe(0)
  state.unitsRun += 1
  state.position += 100
  await pass(options.checkpointMs)
  expect(checkpoints()).toBe(1)
  await pass(300_000)
  expect(checkpoints()).toBe(1)
  state.unitsRun += 1
  state.position += options.checkpointBytes
  await pass(2 * options.checkpointLookMs)
  expect(checkpoints()).toBe(2)
  await upkeep.stop()
})

test('a checkpoint waits while the disk is full', async () => {
  const { state, multiplexer } = recorder()
  const upkeep = start(multiplexer, 1_000)
  state.position += options.checkpointBytes
  await vi.advanceTimersByTimeAsync(2 * options.checkpointMs)
  expect(state.asked).not.toContain('checkpoint')
  await upkeep.stop()
})

test('tables in need are looked for only when clients have run something', async () => {
  const { state, multiplexer } = recorder()
  const upkeep = start(multiplexer)
  const analyzed = () => state.asked.filter((sql) => sql === 'analyze grown').length
  await vi.advanceTimersByTimeAsync(options.vacuumMs)
  await vi.advanceTimersByTimeAsync(5 * options.vacuumMs)
  const before = analyzed()
  state.unitsRun += 1
  await vi.advanceTimersByTimeAsync(2 * options.vacuumMs)
  expect([before, analyzed()]).toEqual([1, 2])
  await upkeep.stop()
})

test('dead rows are vacuumed and changed tables analysed, never inside a client’s transaction', async () => {
  vi.useRealTimers()
  const upkeep = { checkpointLookMs: 20, checkpointMs: 20, vacuumMs: 20 }
  const engine = await testEngine({ upkeep })
  const client = await testClient(engine)
  await client.query('create table busy (id int)')
  await client.query('insert into busy select generate_series(1, 1000)')
  await client.query('begin')
  await client.query('delete from busy')
  for (let round = 0; round < 20; round += 1) await client.query('select 1')
  await client.query('commit')
  const tended = async () => {
    const { rows } = await client.query(
      "select vacuum_count::int as vacuums, analyze_count::int as analyzes from pg_stat_user_tables where relname = 'busy'",
    )
    expect(rows[0].vacuums).toBeGreaterThan(0)
    expect(rows[0].analyzes).toBeGreaterThan(0)
  }
  await vi.waitFor(tended, 10_000)
})
