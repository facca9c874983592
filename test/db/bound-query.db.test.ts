import { describe, expect, it } from 'vitest'
import type { BoundParameter } from '../../src/db/bind-message.ts'
import { boundQuery, createMessageBuffers } from '../../src/db/bound-query.ts'
import { copyOut } from '../../src/db/copy-out.ts'
import { testDatabase } from '../support/database.ts'

const db = await testDatabase()
const buffers = createMessageBuffers({ keep: 2, keepBytes: 1_000_000 })

const echo = (parameters: readonly BoundParameter[]) =>
  boundQuery<[number, string[], Buffer[]]>(
    { pool: db.pool, buffers },
    { name: 'test.echo', text: 'select $1::int, $2::text[], $3::bytea[]', parameters },
  )

describe('boundQuery', () => {
  it('sends what it is given, with buffers that were used before', async () => {
    for (const size of [0, 1, 200_000, 3, 1_500_000, 10]) {
      const texts = ['', 'é €', 'k'.repeat(size)]
      const data = [Buffer.from([0, 255, 92]), Buffer.alloc(size, size % 251)]
      const rows = await echo([
        { type: 'int4', value: size - 7 },
        { type: 'text[]', values: texts.map((text) => Buffer.from(text)) },
        { type: 'bytea[]', values: data },
      ])
      expect(rows[0]?.[0]).toBe(size - 7)
      expect(rows[0]?.[1]).toEqual(texts)
      const returned = rows[0]?.[2] ?? []
      expect(returned.length).toBe(data.length)
      for (const [index, item] of data.entries()) expect(returned[index]?.equals(item)).toBe(true)
    }
  })

  it('answers each of many at once with its own', async () => {
    const rows = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        echo([
          { type: 'int4', value: index },
          { type: 'text[]', values: [Buffer.from(`text ${index}`)] },
          { type: 'bytea[]', values: [] },
        ]),
      ),
    )
    expect(rows.map(([row]) => row?.[1])).toEqual(
      Array.from({ length: 40 }, (_, index) => [`text ${index}`]),
    )
  })

  it('fails as the server says, and the connection goes on', async () => {
    const fail = boundQuery(
      { pool: db.pool, buffers },
      { name: 'test.fail', text: 'select 1 / $1::int', parameters: [{ type: 'int4', value: 0 }] },
    )
    await expect(fail).rejects.toMatchObject({ code: '22012' })
    expect((await db.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })
})

describe('copyOut', () => {
  it('hands out the rows one by one, and throws what its reader threw after the rest was read', async () => {
    const client = await db.pool.connect()
    try {
      const query = `select n, repeat('x', n), null from generate_series(1, 500) as n`
      let rows = 0
      await copyOut(client, query, ([number, text, nothing]) => {
        rows += 1
        expect([number?.readInt32BE(), text?.length, nothing]).toEqual([rows, rows, null])
      })
      expect(rows).toBe(500)
      const failing = copyOut(client, query, () => {
        throw new Error('enough')
      })
      await expect(failing).rejects.toThrow('enough')
      await expect(copyOut(client, 'select 1 / 0', () => undefined)).rejects.toMatchObject({
        code: '22012',
      })
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    } finally {
      client.release()
    }
  })
})
