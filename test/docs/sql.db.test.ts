import { beforeAll, describe, expect, it } from 'vitest'
import { hashKeyOf } from '../../src/log/hash-ring.ts'
import { sequenceAt } from '../../src/log/sequence.ts'
import { testDatabase } from '../support/database.ts'
import { bytesOf, fillLogs, type Known, openedMsAgo } from './fill-logs.ts'
import { readAppendExamples, readSqlQueries } from './sql-queries.ts'

const db = await testDatabase()
const queries = await readSqlQueries()
const minute = 60_000
const hour = 60 * minute

let logs: Awaited<ReturnType<typeof fillLogs>>
beforeAll(async () => {
  logs = await fillLogs(db)
})

type Row = Record<string, unknown>

/**
 * Runs a statement in a transaction of its own and says what it found, when it began, and which tables of frames it
 * touched: a transaction keeps the lock of each until it ends, also of those that only a function's inside names.
 */
async function run(text: string) {
  const client = await db.pool.connect()
  try {
    await client.query('begin')
    const began = await client.query<{ now: Date }>('select now() as now')
    const { rows } = await client.query<Row>(text)
    const locks = await client.query<{ name: string }>(
      `select distinct c.relname as name
         from pg_locks l
         join pg_class c on c.oid = l.relation
        where l.pid = pg_backend_pid()
          and l.locktype = 'relation'
          and l.mode = 'AccessShareLock'
          and c.relnamespace = 'millrace'::regnamespace
          and c.relkind in ('r', 'p')
          and c.relname ~ '^frame'
        order by 1`,
    )
    const now = began.rows[0]?.now ?? new Date(Number.NaN)
    return { rows, now, touched: locks.rows.map((row) => row.name) }
  } finally {
    await client.query('rollback')
    client.release()
  }
}

const ask = (number: number, place = 0) => {
  const found = queries.filter((query) => query.title.startsWith(`${number}. `))
  return run(found[place]?.text ?? '')
}

/** The leaves of a stream (null: of all) that hold numbers from `from` on; of shard `shard` when that is given. */
async function leaves(stream: string | null, from: bigint, shard: number | null = null) {
  const { rows } = await db.pool.query<{ name: string }>(
    `select se.table_name as name
       from millrace.segment se
       join millrace.shard sh on sh.id = se.shard_id
       join millrace.stream st on st.id = sh.stream_id
      where se.used
        and se.end_seq > $1
        and ($2::text is null or st.name = $2)
        and ($3::int is null or sh.number = $3)
      order by 1`,
    [String(from), stream, shard],
  )
  return rows.map((row) => row.name)
}

const since = (now: Date, ms: number) => sequenceAt(new Date(now.getTime() - ms))
const knownSince = (now: Date, ms: number) =>
  logs.known.filter((record) => record.sequence >= since(now, ms))

/** Records and bytes of each group, by what `of` says of a record. */
function sums<K>(records: readonly Known[], of: (record: Known) => K) {
  const groups = new Map<K, { records: number; bytes: number }>()
  for (const record of records) {
    const group = groups.get(of(record)) ?? { records: 0, bytes: 0 }
    groups.set(of(record), {
      records: group.records + 1,
      bytes: group.bytes + bytesOf(record),
    })
  }
  return groups
}

/** As numeric rounds: halves away from zero, whatever a double makes of them. */
const round = (value: number, digits: number) =>
  Math.round(value * 10 ** digits + 1e-9) / 10 ** digits
const newestFirst = (a: Known, b: Known) => (a.sequence > b.sequence ? -1 : 1)
const asText = (data: Buffer) => (data[0] === 0xff ? null : data.toString())

describe('docs/sql.md', () => {
  it('has ten questions', () => {
    expect(new Set(queries.map((query) => Number.parseInt(query.title, 10)))).toEqual(
      new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    )
  })

  it('is checked by something that sees the root and every leaf when a statement touches them', async () => {
    const { touched } = await run('select count(*) from millrace.frame')
    expect(touched).toContain('frame')
    expect(touched).toEqual(expect.arrayContaining(await leaves(null, 0n)))
    expect((await leaves('logs', 0n)).length).toBeGreaterThan(
      (await leaves('logs', since(new Date(), hour))).length + 4,
    )
  })

  it('1: counts records and bytes of each minute of the last hour', async () => {
    const { rows, now, touched } = await ask(1)
    const first = Math.floor(now.getTime() / minute) * minute - 59 * minute
    const expected = sums(
      logs.known.filter((record) => record.at.getTime() >= first),
      (record) => Math.floor(record.at.getTime() / minute) * minute,
    )
    expect(expected.size).toBeGreaterThanOrEqual(3)
    expect(rows.map((row) => [row.minute, Number(row.records), Number(row.bytes)])).toEqual(
      Array.from({ length: 60 }, (_, index) => {
        const { records = 0, bytes = 0 } = expected.get(first + index * minute) ?? {}
        return [new Date(first + index * minute), records, bytes]
      }),
    )
    expect(touched).toEqual(await leaves('logs', sequenceAt(new Date(first))))
  })

  it('2: ranks the keys of the last hour by records, and by bytes', async () => {
    const byRecords = await ask(2)
    const known = knownSince(byRecords.now, hour)
    const expected = [...sums(known, (record) => record.key)]
      .map(
        ([key, sum]) => [key, sum.records, round((100 * sum.records) / known.length, 2)] as const,
      )
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    expect(byRecords.rows[0]?.partition_key).toBe('order-1')
    expect(
      byRecords.rows.map((row) => [row.partition_key, Number(row.records), Number(row.percent)]),
    ).toEqual(expected.slice(0, 20))
    expect(byRecords.touched).toEqual(await leaves('logs', since(byRecords.now, hour)))

    const byBytes = await ask(2, 1)
    const sized = [...sums(knownSince(byBytes.now, hour), (record) => record.key)]
      .map(([key, sum]) => [key, sum.bytes, sum.records] as const)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    expect(
      byBytes.rows.map((row) => [row.partition_key, Number(row.bytes), Number(row.records)]),
    ).toEqual(sized.slice(0, 20))
    expect(byBytes.touched).toEqual(await leaves('logs', since(byBytes.now, hour)))
  })

  it('3: shows the rates of each shard of the last minute, and what share of stream and rate they are', async () => {
    await logs.put()
    const { rows, now, touched } = await ask(3)
    const known = knownSince(now, minute)
    expect(known.length).toBeGreaterThan(0)
    const expected = sums(known, (record) => record.shard)
    const open = [0, 1, 2, 3, ...logs.children].filter((number) => number !== logs.parent)
    for (const number of new Set([...expected.keys(), ...open])) {
      const { records, bytes } = expected.get(number) ?? { records: 0, bytes: 0 }
      const row = rows.find((found) => found.shard === number)
      expect({
        state: row?.state,
        records: Number(row?.records_per_second),
        bytes: Number(row?.bytes_per_second),
        stream: Number(row?.percent_of_stream),
      }).toEqual({
        state: number === logs.parent ? 'closed' : 'open',
        records: round(records / 60, 1),
        bytes: round(bytes / 60, 0),
        stream: round((100 * records) / known.length, 1),
      })
      expect(Number(row?.percent_of_rate)).toBeCloseTo(
        100 * Math.max(records / 60 / 10_000, bytes / 60 / 8_388_608),
        0,
      )
    }
    expect(rows).toHaveLength(new Set([...expected.keys(), ...open]).size)
    expect(touched).toEqual(await leaves('logs', since(now, minute)))
  })

  it('4: says how far a pipeline is behind in each shard that has something left, or may get it', async () => {
    const ofShard = (number: number) => logs.known.filter((record) => record.shard === number)
    const half = [0, 1, 2, 3].find((number) => number !== logs.parent) ?? -1
    const checkpoints = new Map<number, bigint>([
      [half, ofShard(half)[Math.floor(ofShard(half).length / 2)]?.sequence ?? 0n],
      [logs.parent, ofShard(logs.parent).at(-1)?.sequence ?? 0n],
    ])
    for (const [shard, sequence] of checkpoints)
      await db.pool.query(
        `insert into millrace.checkpoint (pipeline, shard_id, seq)
         select 'indexer', sh.id, $2
           from millrace.shard sh
           join millrace.stream st on st.id = sh.stream_id
          where st.name = 'logs' and sh.number = $1`,
        [shard, String(sequence)],
      )
    const { rows, now, touched } = await ask(4)
    const open = [0, 1, 2, 3, ...logs.children].filter((number) => number !== logs.parent)
    expect(rows.map((row) => [row.pipeline, row.shard])).toEqual(
      open.map((number) => ['indexer', number]),
    )
    for (const row of rows) {
      const left = ofShard(Number(row.shard)).filter(
        (record) => record.sequence > (checkpoints.get(Number(row.shard)) ?? 0n),
      )
      expect(left.length).toBeGreaterThan(0)
      expect(Number(row.records_behind)).toBe(left.length)
      const behind = now.getTime() - (left[0]?.at.getTime() ?? 0)
      expect(Math.abs(msOf(row.time_behind) - behind)).toBeLessThan(2)
    }
    const expected = await Promise.all(
      [0, 1, 2, 3, ...logs.children].map((number) =>
        leaves('logs', (checkpoints.get(number) ?? 0n) + 1n, number),
      ),
    )
    expect(touched).toEqual(expected.flat().sort())
  })

  it("5: follows a key through a split, and reads only its shards' leaves", async () => {
    const { rows, now, touched } = await ask(5)
    const expected = knownSince(now, 24 * hour)
      .filter((record) => record.key === 'order-1')
      .sort((a, b) => -newestFirst(a, b))
    expect(
      rows.map((row) => [row.shard, BigInt(String(row.sequence)), row.text, row.arrived_at]),
    ).toEqual(
      expected.map((record) => [
        record.shard,
        record.sequence,
        record.data.toString(),
        expect.any(Date),
      ]),
    )
    const owners = [...new Set(expected.map((record) => record.shard))]
    expect(owners).toEqual([logs.parent, expect.any(Number)])
    const owned = await Promise.all(
      owners.map((shard) => leaves('logs', since(now, 24 * hour), shard)),
    )
    expect(touched).toEqual(owned.flat().sort())
    expect((await leaves('logs', 0n, logs.parent)).length).toBeGreaterThan(
      (await leaves('logs', since(now, 24 * hour), logs.parent)).length,
    )
  })

  it("6: counts a field's values, and what has none", async () => {
    const { rows, now, touched } = await ask(6)
    const known = knownSince(now, 15 * minute)
    const expected = sums(known, ({ data }) =>
      data[0] === 0x7b ? JSON.parse(data.toString()).level : null,
    )
    expect(new Set(expected.keys())).toEqual(new Set(['info', 'warn', 'error', null]))
    expect(new Map(rows.map((row) => [row.level, Number(row.records)]))).toEqual(
      new Map([...expected].map(([level, sum]) => [level, sum.records])),
    )
    const counts = rows.map((row) => Number(row.records))
    expect(counts).toEqual([...counts].sort((a, b) => b - a))
    expect(touched).toEqual(await leaves('logs', since(now, 15 * minute)))
  })

  it('7: finds the newest lines that hold a text, and no older ones', async () => {
    const { rows, now, touched } = await ask(7)
    const holds = (record: Known) => record.data.includes('timed out')
    const expected = knownSince(now, hour)
      .filter((record) => record.sequence < sequenceAt(now) && holds(record))
      .sort(newestFirst)
    expect(logs.known.filter(holds).length).toBeGreaterThan(expected.length)
    expect(expected.length).toBeGreaterThan(4)
    expect(
      rows.map((row) => [row.shard, BigInt(String(row.sequence)), row.partition_key, row.text]),
    ).toEqual(
      expected.map((record) => [record.shard, record.sequence, record.key, asText(record.data)]),
    )
    expect(touched).toEqual(await leaves('logs', since(now, hour)))
  })

  it('8: compares what streams hold with what they take', async () => {
    const { rows, touched } = await ask(8)
    const bytes = logs.known.reduce((sum, record) => sum + bytesOf(record), 0)
    const sizes = await db.pool.query<{ pretty: string; disk: string; text: string }>(
      `select pg_size_pretty($2::bigint) as pretty, sum(size) as disk, pg_size_pretty(sum(size)) as text
         from unnest($1::text[]) as name,
              pg_total_relation_size('millrace.' || quote_ident(name)) as size`,
      [await leaves('logs', 0n), bytes],
    )
    const { pretty, disk, text } = sizes.rows[0] ?? { pretty: '', disk: '', text: '' }
    expect(rows.map((row) => row.stream)).toEqual(['logs', 'other'])
    const [row] = rows
    expect([Number(row?.records), row?.data, row?.disk, Number(row?.ratio)]).toEqual([
      logs.known.length,
      pretty,
      text,
      round(bytes / Number(disk), 2),
    ])
    expect(row?.oldest_at).toEqual(logs.known[0]?.at)
    expect(touched).toEqual(await leaves(null, 0n))
  })

  it('9: draws the family of the shards, and reads no frame', async () => {
    const { rows, touched } = await ask(9)
    const children = [4, 5]
    expect(logs.children).toEqual(children)
    expect(
      rows.map((row) => [
        row.shard,
        row.state,
        row.origin,
        row.parents,
        row.children,
        Number(row.percent_of_keys),
      ]),
    ).toEqual([
      ...[0, 1, 2, 3].map((number) =>
        number === logs.parent
          ? [number, 'closed', 'create', [], children, 25]
          : [number, 'open', 'create', [], [], 25],
      ),
      ...children.map((number) => [number, 'open', 'split', [logs.parent], [], 12.5]),
    ])
    const openedAt = rows.map((row) => Number(row.opened_at))
    const closedAt = rows.map((row) => row.closed_at)
    expect(Math.max(...openedAt.slice(0, 4))).toBeLessThanOrEqual(Date.now() - openedMsAgo)
    expect(closedAt.filter((at) => at !== null)).toEqual([closedAt[logs.parent]])
    const closed = Number(closedAt[logs.parent])
    for (const opened of openedAt.slice(4)) expect(opened).toBe(closed)
    expect(touched).toEqual([])
  })

  it('10: lists the silences of the last hour', async () => {
    const { rows, now, touched } = await ask(10)
    const times = [
      now.getTime() - hour,
      ...knownSince(now, hour).map((record) => record.at.getTime()),
      now.getTime(),
    ].sort((a, b) => a - b)
    const expected = times
      .map((time, index) => [times[index - 1] ?? time, time] as const)
      .filter(([from, to]) => to - from > minute)
    expect(expected.length).toBeGreaterThanOrEqual(3)
    expect(rows.map((row) => [Number(row.silent_from), Number(row.silent_to)])).toEqual(expected)
    expect(rows.map((row) => Math.round(msOf(row.silent_for) / 10))).toEqual(
      expected.map(([from, to]) => expect.toSatisfy(near(Math.round((to - from) / 10)))),
    )
    expect(touched).toEqual(await leaves('logs', since(now, hour)))
  })
})

const near = (value: number) => (found: number) => Math.abs(found - value) <= 1

/** An interval as pg hands it out. */
function msOf(interval: unknown): number {
  const {
    days = 0,
    hours = 0,
    minutes = 0,
    seconds = 0,
    milliseconds = 0,
  } = interval as Partial<Record<'days' | 'hours' | 'minutes' | 'seconds' | 'milliseconds', number>>
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds
}

describe('appending, as docs/sql.md has it', () => {
  const orders = async () =>
    (await db.pool.query<{ id: number }>('select id from orders order by id')).rows.map(
      (row) => row.id,
    )
  const told = async () =>
    (
      await db.pool.query<{ key: string; json: unknown }>(
        `select partition_key as key, millrace.as_json(data) as json
           from millrace.records('logs', p_from => millrace.seq_at(now() - interval '10 minutes'))
          where partition_key ~ '^order-9..$'
          order by sequence`,
      )
    ).rows

  it('appends where the key belongs', async () => {
    const { append } = await readAppendExamples()
    const { rows } = await db.pool.query(append)
    const { rows: owner } = await db.pool.query(
      `select sh.number as shard
         from millrace.shard sh
         join millrace.stream st on st.id = sh.stream_id
        where st.name = 'logs' and sh.state = 'open' and $1 between sh.hash_start and sh.hash_end`,
      [String(hashKeyOf('order-1'))],
    )
    expect(rows).toEqual([{ shard: owner[0].shard, sequence: expect.any(String) }])
  })

  it('lets a table tell a stream of its changes, with the transaction that makes them', async () => {
    await db.pool.query((await readAppendExamples()).trigger)
    await db.pool.query(`insert into orders (id, state) values (901, 'new')`)
    await db.pool.query(`update orders set state = 'paid' where id = 901`)
    const client = await db.pool.connect()
    await client.query(`begin; insert into orders (id, state) values (902, 'new'); rollback`)
    await expect(
      client.query(
        `begin isolation level repeatable read; insert into orders (id, state) values (903, 'new')`,
      ),
    ).rejects.toMatchObject({ code: 'MR002' })
    await client.query('rollback')
    client.release()
    expect(await orders()).toEqual([901])
    expect(await told()).toEqual([
      { key: 'order-901', json: { id: 901, state: 'new' } },
      { key: 'order-901', json: { id: 901, state: 'paid' } },
    ])
  })

  it('refuses the row with its record when the shard is provisioned and full, unless the function catches that', async () => {
    await db.pool.query(
      `update millrace.stream set mode = 'provisioned', shard_records_per_second = 1 where name = 'logs'`,
    )
    // The first two ids whose records go to one shard: in one statement, so within one second.
    const eighthOf = (id: number) => hashKeyOf(`order-${id}`) >> 125n
    const second = [905, 906, 907, 908, 909, 910, 911, 912, 913, 914].find(
      (id) => eighthOf(id) === eighthOf(904),
    )
    const both = `insert into orders (id, state) values (904, 'new'), (${second}, 'new')`
    const before = await told()
    await expect(db.pool.query(both)).rejects.toMatchObject({ code: 'MR003' })
    expect(await orders()).toEqual([901])
    expect(await told()).toEqual(before)

    const { trigger } = await readAppendExamples()
    const caught = /create function[\s\S]+?\$\$;/
      .exec(trigger)?.[0]
      .replace('create function', 'create or replace function')
      .replace(
        'return new;\nend',
        `return new;\nexception when sqlstate 'MR003' then\n  return new;\nend`,
      )
    await db.pool.query(caught ?? '')
    await db.pool.query(both)
    expect(await orders()).toEqual([901, 904, second])
    expect((await told()).length).toBeLessThanOrEqual(before.length + 1)
  })
})
