import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type EmbeddedDatabase, openEmbedded } from '../../../src/db/embedded/open-embedded.ts'
import { queryMessage, syncMessage, wireMessage } from '../../../src/db/embedded/wire.ts'
import { makeDir, silent, testClient, testPool } from './embedded-database.ts'
import {
  bind,
  codeOf,
  execute,
  flush,
  openSocket,
  parse,
  startupPacket,
  typesOf,
  valuesOf,
  wireClient,
} from './wire-client.ts'

let dir: string
let engine: EmbeddedDatabase

beforeAll(async () => {
  dir = await makeDir('ready')
  engine = await openEmbedded(
    { logger: silent },
    {
      dir,
      limits: {
        idleInTransactionMs: 400,
        maxResultBytes: 4 * 1024 * 1024,
        maxWaitingBytes: 16 * 1024,
      },
    },
  )
  const client = new pg.Client(engine.connection)
  await client.connect()
  await client.query('create table note (id int primary key, body text)')
  await client.end()
})
afterAll(async () => {
  await engine.close()
  await rm(dir, { recursive: true, force: true })
})

const observe = async (sql: string): Promise<unknown[]> => {
  const client = new pg.Client(engine.connection)
  await client.connect()
  const { rows } = await client.query({ text: sql, rowMode: 'array' })
  await client.end()
  return rows.flat()
}
beforeEach(() => observe('truncate note'))

test('no client sets a timeout that would end the engine with its session', async () => {
  const client = new pg.Client(engine.connection)
  await client.connect()
  await client.query('begin; set local idle_in_transaction_session_timeout = 50')
  const { rows } = await client.query('show idle_in_transaction_session_timeout')
  expect(rows).toEqual([{ idle_in_transaction_session_timeout: '0' }])
  await client.query('commit')
  await client.end()
})

describe('clients side by side', () => {
  test('get their own rows and no others, with parameters of every size', async () => {
    const pool = testPool(engine, 8)
    const work = async (worker: number) => {
      for (let round = 0; round < 25; round += 1) {
        const id = worker * 1_000 + round
        const body = `${worker}/${round} `.repeat(1 + ((worker * round * 37) % 400))
        await pool.query('insert into note values ($1, $2)', [id, body])
        const { rows } = await pool.query(
          'select id, body, $2::text as echo from note where id = $1',
          [id, `echo ${id}`],
        )
        expect(rows).toEqual([{ id, body, echo: `echo ${id}` }])
      }
    }
    await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(work))
    const { rows } = await pool.query('select id, body from note order by id')
    expect(rows).toHaveLength(200)
    for (const { id, body } of rows)
      expect(body).toMatch(`${Math.floor(id / 1_000)}/${id % 1_000} `)
  })

  test('do not see an open transaction, and wait for its end', async () => {
    const writer = await testClient(engine)
    const readers = await Promise.all([1, 2, 3, 4].map(() => testClient(engine)))
    await writer.query('begin')
    await writer.query("insert into note values (1, 'open')")
    const order: string[] = []
    const reads = readers.map(async (reader) => {
      const { rows } = await reader.query('select count(*)::int as notes from note')
      order.push('read')
      return rows[0].notes
    })
    for (let round = 0; round < 10; round += 1) await writer.query('select 1')
    await writer.query("insert into note values (2, 'open')")
    order.push('still open')
    await writer.query('commit')
    expect(await Promise.all(reads)).toEqual([2, 2, 2, 2])
    expect(order[0]).toBe('still open')
  })

  test('are not disturbed by errors of others, in transactions or out of them', async () => {
    const pool = testPool(engine, 6)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_, id) =>
        id % 3 === 0
          ? pool.query('select 1 / ($1::int - $1::int)', [id])
          : pool.query('insert into note values ($1, $2)', [id, 'x']),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(20)
    expect(await observe('select count(*)::int from note')).toEqual([40])
  })

  test('may send parameters of 300 KB, and many queries at once', async () => {
    const pool = testPool(engine, 4)
    const bodies = [1, 2, 3, 4, 5, 6].map((id) => `${id}`.repeat(300_000))
    await Promise.all(
      bodies.map((body, id) => pool.query('insert into note values ($1, $2)', [id, body])),
    )
    const { rows } = await pool.query('select body from note order by id')
    expect(rows.map(({ body }) => body)).toEqual(bodies)
  })

  test('take turns: one that sends 3,000 queries at once does not keep out another', async () => {
    const greedy = await wireClient(engine)
    const polite = await wireClient(engine)
    const queries = 3_000
    let answered = 0
    greedy.send(...Array.from({ length: queries }, () => queryMessage('select 1')))
    const all = (async () => {
      for (; answered < queries; answered += 1) await greedy.until('Z')
    })()
    await vi.waitUntil(() => answered > 0)
    polite.send(queryMessage('select 2'))
    await polite.until('Z')
    expect(answered).toBeLessThan(queries / 2)
    await all
  })
})

describe('prepared statements', () => {
  test('of one name and different texts live side by side', async () => {
    const clients = await Promise.all([1, 2, 3, 4].map(() => testClient(engine)))
    for (let round = 0; round < 3; round += 1) {
      const results = await Promise.all(
        clients.map((client, index) =>
          client.query({ name: 'same', text: `select ${index} * $1::int as x`, values: [10] }),
        ),
      )
      expect(results.map(({ rows }) => rows[0].x)).toEqual([0, 10, 20, 30])
    }
  })

  test('may have names longer than Postgres keeps', async () => {
    const client = await testClient(engine)
    const long = 'n'.repeat(70)
    const first = await client.query({ name: `${long}1`, text: 'select 1 as x' })
    const second = await client.query({ name: `${long}2`, text: 'select 2 as x' })
    expect([first.rows[0].x, second.rows[0].x]).toEqual([1, 2])
  })

  test('without a name are kept across the batches of a client, whatever others do', async () => {
    const [one, two] = [await wireClient(engine), await wireClient(engine)]
    one.send(parse('', "select 'one ' || $1"), syncMessage)
    two.send(parse('', "select 'two ' || $1"), syncMessage)
    await Promise.all([one.until('Z'), two.until('Z')])
    for (const value of ['a', 'b']) {
      one.send(bind('', value), execute(), syncMessage)
      two.send(bind('', value), execute(), syncMessage)
      const [ofOne, ofTwo] = await Promise.all([one.until('Z'), two.until('Z')])
      expect([valuesOf(ofOne), valuesOf(ofTwo)]).toEqual([[`one ${value}`], [`two ${value}`]])
      expect(typesOf(ofOne)).toBe('2DCZ')
    }
    two.send(queryMessage('select 1'))
    await two.until('Z')
    two.send(bind('', 'c'), execute(), syncMessage)
    expect(codeOf(await two.until('Z'))).toBe('26000')
  })

  test('are gone after DEALLOCATE ALL or DISCARD ALL of their own client only', async () => {
    const [one, two] = [await wireClient(engine), await wireClient(engine)]
    for (const command of ['deallocate all', 'DISCARD ALL;']) {
      one.send(parse('s', "select 'one'"), syncMessage)
      two.send(parse('s', "select 'two'"), syncMessage)
      await Promise.all([one.until('Z'), two.until('Z')])
      one.send(queryMessage(command))
      expect(typesOf(await one.until('Z'))).toBe('CZ')
      one.send(bind('s'), execute(), syncMessage)
      two.send(bind('s'), execute(), wireMessage('C', Buffer.from('Ss\0')), syncMessage)
      expect(codeOf(await one.until('Z'))).toBe('26000')
      expect(valuesOf(await two.until('Z'))).toEqual(['two'])
    }
  })

  test('made with SQL are their client’s own, and leave with it', async () => {
    const [one, two] = await Promise.all([testClient(engine), testClient(engine)])
    await one.query("prepare p as select 'one' as x")
    await two.query("prepare p as select 'two' as x")
    expect((await one.query('execute p')).rows).toEqual([{ x: 'one' }])
    expect((await two.query('execute p')).rows).toEqual([{ x: 'two' }])
    await two.query('deallocate p')
    expect((await one.query('execute p')).rows).toEqual([{ x: 'one' }])
    await one.end()
    expect(
      await observe("select count(*)::int from pg_prepared_statements where name like 'c%p'"),
    ).toEqual([0])
  })
})

describe('notifications', () => {
  test('reach those who listen, and nobody else', async () => {
    const [one, two, deaf, speaker] = await Promise.all([1, 2, 3, 4].map(() => testClient(engine)))
    if (!one || !two || !deaf || !speaker) throw new Error('expected four clients')
    const heard: string[] = []
    for (const [name, client] of Object.entries({ one, two, deaf }))
      client.on('notification', ({ channel, payload }) =>
        heard.push(`${name} ${channel} ${payload}`),
      )
    await one.query('listen news; LISTEN "Other"')
    await two.query('listen news')
    await speaker.query("notify news, 'first'")
    await speaker.query('begin')
    await speaker.query("select pg_notify('Other', 'second')")
    await speaker.query('commit')
    await two.query('unlisten *')
    await speaker.query("notify news, 'third'")
    await Promise.all([one, two, deaf].map((client) => client.query('select 1')))
    expect(heard.toSorted()).toEqual([
      'one Other second',
      'one news first',
      'one news third',
      'two news first',
    ])
  })

  test('still reach one when another listener’s connection is lost', async () => {
    const [one, two] = await Promise.all([testClient(engine), wireClient(engine)])
    await one.query('listen shared')
    two.send(queryMessage('listen shared; listen lonely'))
    await two.until('Z')
    two.socket.destroy()
    const heard = once(one, 'notification')
    await observe("select pg_notify('shared', 'hello'), pg_notify('lonely', 'nobody')")
    expect((await heard)[0]).toMatchObject({ channel: 'shared', payload: 'hello' })
    expect(await observe('select pg_listening_channels()')).toEqual(['shared'])
  })
})

describe('a connection that is lost', () => {
  test('inside a transaction is rolled back, and others go on', async () => {
    const victim = await wireClient(engine)
    victim.send(queryMessage("begin; insert into note values (1, 'lost')"))
    await victim.until('Z')
    const waiting = observe('select count(*)::int from note')
    victim.socket.destroy()
    expect(await waiting).toEqual([0])
  })

  test('while its query waits has it not run, and others go on', async () => {
    const owner = await testClient(engine)
    await owner.query('begin')
    const victim = await wireClient(engine)
    victim.send(queryMessage("insert into note values (1, 'lost')"))
    victim.socket.end()
    await victim.closed
    await owner.query("insert into note values (2, 'kept')")
    await owner.query('commit')
    expect(await observe('select id from note')).toEqual([2])
  })

  test('after Terminate has done what it sent before', async () => {
    const owner = await testClient(engine)
    await owner.query('begin')
    const hasty = await wireClient(engine)
    hasty.send(queryMessage("insert into note values (1, 'kept')"), wireMessage('X'))
    hasty.socket.end()
    await hasty.closed
    await owner.query('commit')
    expect(await observe('select id from note')).toEqual([1])
  })

  test('between Parse and Sync has nothing done', async () => {
    const victim = await wireClient(engine)
    victim.send(parse('', "insert into note values (1, 'lost')"), bind(''), execute())
    victim.socket.end()
    await victim.closed
    expect(await observe('select count(*)::int from note')).toEqual([0])
  })

  test('after Flush, before Sync, is rolled back, not committed', async () => {
    const victim = await wireClient(engine)
    victim.send(parse('', "insert into note values (1, 'lost')"), bind(''), execute(), flush)
    await victim.until('C')
    victim.socket.destroy()
    expect(await observe('select count(*)::int from note')).toEqual([0])
  })

  test('in the middle of COPY FROM STDIN leaves no row', async () => {
    const victim = await wireClient(engine)
    victim.send(queryMessage('copy note from stdin'))
    await victim.until('G')
    victim.send(wireMessage('d', Buffer.from('1\tlost\n')))
    victim.socket.end()
    await victim.closed
    expect(await observe('select count(*)::int from note')).toEqual([0])
  })
})

describe('the protocol', () => {
  test('Flush gives a cursor’s rows in portions, and holds the engine until Sync', async () => {
    const reader = await wireClient(engine)
    reader.send(parse('', 'select generate_series(1, 5)::text'), bind(''), execute(2), flush)
    expect(valuesOf(await reader.until('s'))).toEqual(['1', '2'])
    const other = observe("insert into note values (1, 'x') returning id")
    reader.send(execute(2), flush)
    expect(valuesOf(await reader.until('s'))).toEqual(['3', '4'])
    reader.send(execute(2), syncMessage)
    expect(valuesOf(await reader.until('Z'))).toEqual(['5'])
    expect(await other).toEqual([1])
  })

  test('TLS is declined, and the connection goes on', async () => {
    const socket = openSocket(engine)
    socket.write(startupPacket({}, 80_877_103).subarray(0, 8).fill(8, 3, 4))
    expect(`${(await once(socket, 'data'))[0]}`).toBe('N')
    socket.write(startupPacket({ user: 'postgres', database: 'postgres' }))
    expect(`${(await once(socket, 'data'))[0]}`).toMatch(/^R/)
  })

  test.each([
    ['a cancel request', startupPacket({}, 80_877_102), ''],
    ['protocol 2', startupPacket({ user: 'postgres' }, 0x2_0000), '08P01'],
    ['a database there is not', startupPacket({ user: 'postgres', database: 'other' }), '3D000'],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'), '08P01'],
  ])('%s ends that connection only', async (_what, packet, code) => {
    const socket = openSocket(engine)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.write(packet)
    await once(socket, 'close')
    expect(answer).toContain(code)
    expect(await observe('select 1')).toEqual([1])
  })

  test.each([
    ['an unknown type', wireMessage('y')],
    ['a length that cannot be', Buffer.from([0x51, 0, 0, 0, 1])],
    ['a string without end', wireMessage('P', Buffer.from('abc'))],
  ])('a message with %s ends that connection only', async (_what, message) => {
    const client = await wireClient(engine)
    client.send(message)
    expect(codeOf(await client.until('E'))).toBe('08P01')
    await client.closed
    expect(await observe('select 1')).toEqual([1])
  })
})

describe('limits', () => {
  test('a transaction that is idle while others wait is rolled back with 25P03', async () => {
    const owner = await wireClient(engine)
    owner.send(queryMessage("begin; insert into note values (1, 'lost')"))
    await owner.until('Z')
    const waiting = observe('select count(*)::int from note')
    expect(codeOf(await owner.until('E'))).toBe('25P03')
    expect(await waiting).toEqual([0])
  })

  test('an expression too deep for the stack is an error, and the engine goes on', async () => {
    const client = await testClient(engine)
    const deep = `select ${'1+'.repeat(30_000)}1`
    await expect(client.query(deep)).rejects.toMatchObject({ code: '54001' })
    expect((await client.query('select 3 as x')).rows).toEqual([{ x: 3 }])
  })

  test('a result that is too long is an error, and the connection goes on', async () => {
    const client = await testClient(engine)
    const tooLong = "select repeat('x', 1000) from generate_series(1, 100000)"
    await expect(client.query(tooLong)).rejects.toMatchObject({ code: '54000' })
    await expect(client.query(`select 1; ${tooLong}; select 2`)).rejects.toMatchObject({
      code: '54000',
    })
    expect((await client.query('select 3 as x')).rows).toEqual([{ x: 3 }])
  })

  test('one that does not read its answers runs nothing more until it does; others go on', async () => {
    const lazy = await wireClient(engine)
    lazy.socket.pause()
    const row = "select repeat('x', 1000) from generate_series(1, 3000)"
    lazy.send(queryMessage(row), queryMessage("insert into note values (1, 'later')"))
    for (let round = 0; round < 20; round += 1)
      expect(await observe('select count(*)::int from note')).toEqual([0])
    lazy.socket.resume()
    await lazy.until('Z')
    await lazy.until('Z')
    expect(await observe('select count(*)::int from note')).toEqual([1])
  })
})
