import { createHash } from 'node:crypto'
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, describe, expect, it } from 'vitest'
import { transaction } from '../../../src/db/transaction.ts'
import { type ToFilesOptions, toFiles } from '../../../src/pipeline/sinks/to-files.ts'
import { testDatabase } from '../../support/database.ts'
import { commitBatch, contextOf, recordsOf, resourcesOf, rollBackBatch } from './sink-context.ts'

const db = await testDatabase()
const root = await mkdtemp(join(tmpdir(), 'millrace-archive-'))
afterAll(() => rm(root, { recursive: true, force: true }))

/** A pipeline and a folder of the test's own. */
let archives = 0
function archive<T>(options: Partial<ToFilesOptions<T>> = {}) {
  archives += 1
  const pipeline = `archive-${archives}`
  const dir = join(root, pipeline)
  const folder = join(dir, 'in', 'shardId-000000000000')
  const sink = toFiles<T>({ dir, format: 'ndjson', ...options })
  const open = () => sink.open(resourcesOf(db, pipeline))
  return { pipeline, dir, folder, open }
}

interface Line {
  path: string
  firstSequence: string
  records: number
  bytes: number
  sha256: string
}

async function manifestOf(folder: string): Promise<Line[]> {
  const text = await readFile(join(folder, 'manifest.ndjson'), 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** The sequences of all that the manifest lists, after checking the files against it. */
async function sequencesOf(dir: string, folder: string): Promise<string[]> {
  const all: string[] = []
  for (const line of await manifestOf(folder)) {
    const bytes = await readFile(join(dir, line.path))
    expect(bytes.length).toBe(line.bytes)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(line.sha256)
    const lines = bytes.toString().trimEnd().split('\n')
    expect(lines).toHaveLength(line.records)
    for (const text of lines) all.push(JSON.parse(text).sequence)
  }
  return all
}

const batch = (first: number, count = 3) => {
  const records = recordsOf(
    Array.from({ length: count }, (_, i) => `line ${first + i}`),
    BigInt(first),
  )
  return contextOf(records)
}
const filesIn = async (folder: string) =>
  (await readdir(folder)).filter((name) => name !== 'manifest.ndjson')
const makeOld = (path: string) => utimes(path, new Date(0), new Date(0))

describe('toFiles', () => {
  it('writes a file a batch and lists it, with each record once after rollbacks', async () => {
    const { dir, folder, open } = archive()
    const sink = await open()
    for (const first of [1, 4]) {
      const context = batch(first)
      await rollBackBatch(db, sink, context.records, context)
      await rollBackBatch(db, sink, context.records, context)
      await commitBatch(db, sink, context.records, context)
    }
    expect(await sequencesOf(dir, folder)).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(await manifestOf(folder)).toEqual([
      {
        path: expect.stringMatching(
          /^in\/shardId-000000000000\/0{18}1-0{18}3-[0-9a-f]{16}\.ndjson$/,
        ),
        firstSequence: '1',
        lastSequence: '3',
        records: 3,
        bytes: expect.any(Number),
        sha256: expect.any(String),
        firstArrival: '2026-01-01T00:00:00.000Z',
        lastArrival: '2026-01-01T00:00:02.000Z',
      },
      expect.objectContaining({ firstSequence: '4', lastSequence: '6' }),
    ])
    expect(await filesIn(folder)).toHaveLength(2)
  })

  it('archives a batch that comes again after its commit no second time', async () => {
    const { dir, folder, open } = archive()
    const context = batch(1)
    const sink = await open()
    await commitBatch(db, sink, context.records, context)
    await commitBatch(db, sink, context.records, context)
    expect(await sequencesOf(dir, folder)).toEqual(['1', '2', '3'])
  })

  it('says of JSON, text and bytes what they are, and loses no digit', async () => {
    const { folder, open } = archive()
    const data = [
      '{"n": 12345678901234567890,\n "a":[1]}',
      'plain\ntext',
      Buffer.from([0xff, 0]),
      '{broken',
      '',
    ]
    const context = contextOf(recordsOf(data))
    await commitBatch(db, await open(), context.records, context)
    const [name = ''] = await filesIn(folder)
    const lines = (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n')
    expect(lines[0]).toBe(
      '{"stream":"in","shard":0,"sequence":"1","partitionKey":"key-0","arrivedAt":"2026-01-01T00:00:00.000Z","data":{"n": 12345678901234567890,  "a":[1]}}',
    )
    expect(lines.slice(1).map((line) => JSON.parse(line).data)).toEqual([
      'plain\ntext',
      { base64: '/wA=' },
      '{broken',
      '',
    ])
  })

  it('compresses, and writes what `value` makes of a value', async () => {
    const { folder, open } = archive<{ n: bigint }>({
      compress: 'gzip',
      value: ({ n }, record) => ({ n, at: record.arrivedAt, key: record.partitionKey }),
    })
    const context = batch(1, 1)
    await commitBatch(db, await open(), [{ n: 7n }], context)
    const [name = ''] = await filesIn(folder)
    expect(name).toMatch(/\.ndjson\.gz$/)
    expect(gunzipSync(await readFile(join(folder, name))).toString()).toBe(
      '{"n":"7","at":"2026-01-01T00:00:00.000Z","key":"key-0"}\n',
    )
  })

  it.each(['none', 'snappy', 'gzip'] as const)(
    'writes records as Parquet, compressed with %s',
    async (compress) => {
      const { folder, open } = archive({ format: 'parquet', compress })
      const data = ['{"a":1}', Buffer.from([0xff, 0]), '', 'ünï']
      const context = contextOf(recordsOf(data, 2n ** 60n), { shard: 3 })
      await commitBatch(db, await open(), context.records, context)
      expect(await readParquet(folder.replace(/0$/, '3'))).toEqual(
        context.records.map((record, index) => ({
          stream: 'in',
          shard: 3,
          sequence: record.sequence,
          partition_key: record.partitionKey,
          arrived_at: record.arrivedAt,
          data: index === 1 ? null : record.data.toString(),
          data_bytes: index === 1 ? new Uint8Array([0xff, 0]) : null,
        })),
      )
    },
  )

  it('writes objects as Parquet by the types of their columns', async () => {
    const columns = {
      ok: 'BOOLEAN',
      small: 'INT32',
      big: 'INT64',
      ratio: 'DOUBLE',
      name: 'STRING',
      doc: 'JSON',
      at: 'TIMESTAMP',
      raw: 'BYTE_ARRAY',
    } as const
    const at = new Date('2026-03-04T05:06:07.089Z')
    const row = {
      ok: true,
      small: -5,
      big: 2n ** 62n,
      ratio: 1.5,
      name: 'n',
      doc: { a: [1, 'x'] },
      at,
      raw: new Uint8Array([1]),
    }
    const empty = {
      ok: null,
      small: null,
      big: null,
      ratio: null,
      name: null,
      doc: null,
      at: null,
      raw: null,
    }
    const { folder, open } = archive<object>({ format: 'parquet', columns })
    const sink = await open()
    await commitBatch(
      db,
      sink,
      [row, {}, { ...row, big: '42', at: at.toISOString(), extra: 1 }],
      batch(1),
    )
    expect(await readParquet(folder)).toEqual([row, empty, { ...row, big: 42n }])
    await expect(sink.prepare([row, { small: 2 ** 31 }, row], batch(1))).rejects.toThrow(
      'toFiles: column "small": expected INT32, got number, in the value of record 2 of shard 0 of stream "in"',
    )
  })

  it('keeps streams that are called like folders inside of the archive', async () => {
    const { dir, open } = archive()
    const context = contextOf(recordsOf(['a']), { stream: '..' })
    await commitBatch(db, await open(), context.records, context)
    expect((await readdir(dir)).sort()).toEqual(['%2E%2E', '@archive.json'])
  })
})

async function readParquet(folder: string): Promise<Record<string, unknown>[]> {
  const [name = ''] = await filesIn(folder)
  const bytes = new Uint8Array(await readFile(join(folder, name)))
  return parquetReadObjects({
    file: bytes.buffer,
    compressors: { GZIP: (input) => new Uint8Array(gunzipSync(input)) },
    utf8: false,
  })
}

describe('after a crash the archive', () => {
  it('lists what was committed before its manifest was written, from the next commit on', async () => {
    const { dir, folder, open } = archive()
    const before = await open()
    await commitBatch(db, before, batch(1).records, batch(1))
    await transaction(db.pool, await before.prepare(batch(4).records, batch(4)))
    // Gone before `committed`.
    const after = await open()
    await commitBatch(db, after, batch(7).records, batch(7))
    expect(await sequencesOf(dir, folder)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })

  it('repairs a line that was cut off', async () => {
    const { dir, folder, open } = archive()
    await commitBatch(db, await open(), batch(1).records, batch(1))
    await writeFile(join(folder, 'manifest.ndjson'), '{"path":"in/sha', { flag: 'a' })
    await commitBatch(db, await open(), batch(4).records, batch(4))
    expect(await sequencesOf(dir, folder)).toEqual(['1', '2', '3', '4', '5', '6'])
  })

  it('is right when a shard goes from one process to another and back', async () => {
    const { dir, folder, open } = archive()
    const [one, other] = [await open(), await open()]
    await commitBatch(db, one, batch(1).records, batch(1))
    await commitBatch(db, other, batch(4).records, batch(4))
    await commitBatch(db, one, batch(7).records, batch(7))
    // The other one dies between its commit and the manifest.
    await transaction(db.pool, await other.prepare(batch(10).records, batch(10)))
    await commitBatch(db, one, batch(13, 1).records, batch(13, 1))
    expect(await sequencesOf(dir, folder)).toEqual(
      Array.from({ length: 13 }, (_, i) => String(i + 1)),
    )
  })

  it('deletes what is left over when it is old, and nothing else', async () => {
    const { folder, open } = archive()
    const before = await open()
    await commitBatch(db, before, batch(1).records, batch(1))
    await rollBackBatch(db, before, batch(4).records, batch(4))
    const [committed = '', orphan = ''] = (await filesIn(folder)).sort()
    await rollBackBatch(db, before, batch(7).records, batch(7))
    const temporary = `.${orphan}.0123456789ab.tmp`
    for (const name of [temporary, 'notes.txt']) await writeFile(join(folder, name), 'x')
    for (const name of [committed, orphan, temporary, 'notes.txt'])
      await makeOld(join(folder, name))
    await commitBatch(db, await open(), batch(10).records, batch(10))
    const left = await filesIn(folder)
    expect(left).toEqual(expect.arrayContaining([committed, 'notes.txt']))
    expect(
      left
        .map((name) => Number(name.slice(0, 19)))
        .filter(Number.isFinite)
        .sort((a, b) => a - b),
    ).toEqual([1, 7, 10])
  })

  it('uses an old leftover that turns out to be the batch, as if it were new', async () => {
    const { dir, folder, open } = archive()
    await rollBackBatch(db, await open(), batch(1).records, batch(1))
    const [name = ''] = await filesIn(folder)
    await makeOld(join(folder, name))
    await commitBatch(db, await open(), batch(1).records, batch(1))
    expect(await sequencesOf(dir, folder)).toEqual(['1', '2', '3'])
    expect((await lstat(join(folder, name))).mtimeMs).toBeGreaterThan(0)
  })

  it('keeps a file that was committed once when the database was set back', async () => {
    const { pipeline, folder, open } = archive()
    await commitBatch(db, await open(), batch(1).records, batch(1))
    const [name = ''] = await filesIn(folder)
    await makeOld(join(folder, name))
    await db.pool.query('delete from millrace.archived_file where pipeline = $1', [pipeline])
    await commitBatch(db, await open(), batch(4).records, batch(4))
    expect(await filesIn(folder)).toContain(`${name}.unlisted`)
  })

  it('goes on when the manifest cannot be written, and repairs it later', async () => {
    const { dir, folder, open } = archive()
    const sink = await open()
    await mkdir(join(folder, 'manifest.ndjson'), { recursive: true })
    await commitBatch(db, sink, batch(1).records, batch(1))
    await rm(join(folder, 'manifest.ndjson'), { recursive: true })
    await commitBatch(db, sink, batch(4).records, batch(4))
    expect(await sequencesOf(dir, folder)).toEqual(['1', '2', '3', '4', '5', '6'])
  })
})

describe('toFiles refuses', () => {
  it.each<[string, object, RegExp]>([
    ['unknown keys', { extra: 1 }, /extra/],
    ['no folder', { dir: '' }, /dir: expected a folder/],
    ['another format', { format: 'csv' }, /format/],
    ['another compression', { compress: 'zip' }, /compress/],
    ['snappy lines', { compress: 'snappy' }, /compress: expected 'none' or 'gzip' for ndjson/],
    ['columns of lines', { columns: { a: 'STRING' } }, /columns: expected none for ndjson/],
    ['a type that Parquet has not', { format: 'parquet', columns: { a: 'text' } }, /columns\.a/],
    ['no columns', { format: 'parquet', columns: {} }, /at least one column/],
    ['a value that is no function', { value: 1 }, /value: expected a function/],
  ])('%s', (_what, options, message) => {
    expect(() =>
      toFiles({ dir: root, format: 'ndjson', ...options } as ToFilesOptions<unknown>),
    ).toThrow(message)
  })

  it('a folder that it cannot write', async () => {
    await writeFile(join(root, 'file'), '')
    const { open } = archive({ dir: join(root, 'file', 'inside') })
    await expect(open()).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(
        /opening the archive ".*inside": the folder cannot be written \(ENOTDIR\)/,
      ),
    })
  })

  it("another pipeline's archive, another format's and another database's", async () => {
    const { pipeline, dir, open } = archive()
    await open()
    await expect(archive({ dir }).open()).rejects.toThrow('archive of another pipeline')
    const sameName = resourcesOf(db, pipeline)
    await expect(toFiles({ dir, format: 'parquet' }).open(sameName)).rejects.toThrow(
      'another format',
    )
    const owner = join(dir, '@archive.json')
    await writeFile(
      owner,
      (await readFile(owner, 'utf8')).replace(/"database":"[^"]+"/, '"database":"x"'),
    )
    await expect(open()).rejects.toThrow('archive of another database')
    await writeFile(owner, '{')
    await expect(open()).rejects.toThrow('it is damaged')
  })

  it('links that lead out of the folder', async () => {
    const { dir, open } = archive()
    const sink = await open()
    const outside = await mkdtemp(join(root, 'outside-'))
    await symlink(outside, join(dir, 'in'))
    await expect(sink.prepare(batch(1).records, batch(1))).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('it is a link or a file'),
    })
    expect(await readdir(outside)).toEqual([])
  })

  it('values that the format cannot hold, never saying what is in them', async () => {
    const lines = await archive<unknown>().open()
    const circle: Record<string, unknown> = { secret: 'hunter2' }
    circle.self = circle
    const one = batch(1, 1)
    await expect(lines.prepare([circle], one)).rejects.toThrow(
      'toFiles: expected what JSON can hold, got object, in the value of record 1 of shard 0 of stream "in"',
    )
    await expect(lines.prepare([undefined], one)).rejects.toThrow('got undefined')
    const parquet = await archive<unknown>({ format: 'parquet' }).open()
    await expect(parquet.prepare([{ a: 1 }], one)).rejects.toThrow(
      'toFiles: columns: expected the types',
    )
  })
})
