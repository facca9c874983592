import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { decodeIterator, encodeIterator } from '../../src/log/iterator.ts'
import { testDatabase } from '../support/database.ts'
import { sharedEnvironment } from '../support/environment.ts'
import { type RunningProcess, runProcess } from '../support/run-process.ts'
import { commandRunner } from './run-command.ts'

const db = await testDatabase()
const environment = sharedEnvironment(db)
const millrace = commandRunner(environment)

/** Runs a command that has to succeed; returns what it printed. */
async function done(args: string, input = ''): Promise<string> {
  const { code, out, err } = await millrace(args.split(' '), { input })
  expect([args, code, err]).toEqual([args, 0, err])
  return out.trim()
}

/** Runs a command that has to succeed, with --json. */
async function json(args: string) {
  return JSON.parse(await done(`${args} --json`))
}

/** Resolves as soon as the process has written what `pattern` says, to either of its outputs. */
async function said(process: RunningProcess, pattern: RegExp): Promise<void> {
  const { stdout, stderr } = process.child
  if (!stdout || !stderr) throw new Error('expected a process with pipes')
  while (!pattern.test(process.output()) && !pattern.test(process.errors())) {
    const listening = new AbortController()
    const { signal } = listening
    await Promise.race([
      once(stdout, 'data', { signal }),
      once(stderr, 'data', { signal }),
      process.exited.then((code) => {
        throw new Error(`it ended with ${code}: ${process.errors()}`)
      }),
    ]).finally(() => listening.abort())
  }
}

const textOf = (tail: string) => tail.split('\n').map((line) => line.split('\t')[2])
const numbered = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => `line ${first + index}`)

// Each command is a process of its own, and opens the database anew: a busy machine takes seconds for one.
const patient = { timeout: 180_000 }

describe('millrace stream', patient, () => {
  it('creates a stream as it is told, changes it, and shows all of that', async () => {
    expect(
      await done(
        'stream create shop --shards 2 --mode provisioned --shard-bytes-per-second 65536 --limit-reads --tag team=shop --tag query=a=b',
      ),
    ).toBe('created stream shop: 2 shard(s), 24 h, provisioned')
    expect(await json('stream describe shop')).toMatchObject({
      name: 'shop',
      mode: 'provisioned',
      status: 'active',
      retentionHours: 24,
      shardBytesPerSecond: 65_536,
      shardRecordsPerSecond: 1_000,
      limitReads: true,
      tags: { team: 'shop', query: 'a=b' },
      shards: [
        { number: 0, hashStart: '0' },
        { number: 1, hashEnd: String(2n ** 128n - 1n) },
      ],
    })

    await done('stream mode shop provisioned --shard-records-per-second 7 --no-limit-reads')
    await done('stream retention shop 48')
    await done('stream tag shop team=web stage=test')
    await done('stream untag shop query')
    const described = await done('stream describe shop')
    expect(described).toMatch(/^shop: provisioned, active, 48 h, /)
    expect(described).toContain('1048576 bytes and 7 records a second')
    expect(described).toContain('not limited')
    expect(described).toMatch(/tags +stage=test, team=web\n/)
  })

  it('puts records, says of each what became of it, and reads them by iterators', async () => {
    await done('stream create events --shards 2')
    const lines = [
      { partitionKey: 'a', data: 'first é', explicitHashKey: '0' },
      { partitionKey: '', data: 'without a key' },
      { partitionKey: 'b', data: 'second', explicitHashKey: '1' },
    ]
    const put = await millrace(['stream', 'put', 'events'], {
      input: lines.map((line) => `${JSON.stringify(line)}\n`).join('\n'),
    })
    const [first, refused, second] = put.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(put.code).toBe(1)
    expect(first).toEqual({ ok: true, shard: 0, sequence: expect.stringMatching(/^\d{15,19}$/) })
    expect(refused).toEqual({
      ok: false,
      code: 'invalid_argument',
      message: expect.stringContaining('partition key'),
    })
    expect(BigInt(second.sequence)).toBeGreaterThan(BigInt(first.sequence))

    const iterator = await done(
      `stream iterator events shardId-000000000000 --type AT_SEQUENCE_NUMBER --sequence ${first.sequence}`,
    )
    const page = await json(`stream get ${iterator} --limit 1`)
    expect(page).toMatchObject({
      stream: 'events',
      shard: 0,
      records: [{ sequence: first.sequence, partitionKey: 'a', data: 'first é' }],
      childShards: [],
    })
    const rest = await millrace(['stream', 'get', page.nextShardIterator])
    expect(rest.out).toMatch(new RegExp(`^events/0/${second.sequence}\t[^\t]+\tsecond\n$`))
    expect(rest.err).toMatch(/^0 ms behind the newest record; next iterator:\n\S{50}\n$/)

    const { code, err } = await millrace(['stream', 'get', await aged(iterator, 301_000)])
    expect([code, err]).toEqual([2, expect.stringMatching(/^millrace: iterator expired.*\n$/)])

    expect(await json('stream stats events')).toEqual([
      expect.objectContaining({ shard: 0, state: 'open', records: '2', bytes: '16' }),
      expect.objectContaining({ shard: 1, state: 'open', records: '0', oldestAt: null }),
    ])
  })

  it('puts nothing when one of its lines is malformed, and does not quote it', async () => {
    const { code, out, err } = await millrace(['stream', 'put', 'events'], {
      input: '{"partitionKey":"a","data":"kept out"}\n{"partitionKey":"secret","data":17}\n',
    })
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/line 2: expected a JSON object/)
    expect(err).not.toContain('secret')
  })

  it('splits, merges and scales, and lists the shards that a filter names', async () => {
    await done('stream create grown')
    expect(await done('stream split grown 0 --at 100')).toBe(
      'closed shards: 0; opened shards: 1, 2',
    )
    expect(await json('stream merge grown shardId-000000000001 2')).toEqual({
      closed: [1, 2],
      opened: [3],
    })
    const { opened } = await json('stream scale grown 2')
    expect(opened).toEqual([4, 5])
    const tree = (await done('stream describe grown')).split('\n').slice(3)
    expect(tree.map((line) => line.replace(/^( *shard \d+).*\t(.*)$/, '$1 $2'))).toEqual([
      '  shard 0 create',
      '    shard 1 split of 0',
      '    shard 2 split of 0',
      '      shard 3 merge of 1+2',
      '        shard 4 scale of 3',
      '        shard 5 scale of 3',
    ])
    expect(tree[1]).toMatch(/closed\thash 0\.\.99\tsince \S+Z until \S+Z\t/)

    const paged = await millrace('stream shards grown --after 1 --max-results 2'.split(' '))
    expect(paged.out.match(/^shard \d/gm)).toEqual(['shard 2', 'shard 3'])
    expect(paged.err).toContain('--after 3')

    const iterator = await done('stream iterator grown 3 --type TRIM_HORIZON')
    const end = await millrace(['stream', 'get', iterator])
    expect([end.code, end.out]).toEqual([0, ''])
    expect(end.err).toMatch(/shard 3 has ended; it goes on in shard 4 \(of 3\): hash 0\.\./)
  })

  it('registers consumers, and deletes a stream that has some only when it is told to', async () => {
    await done('stream create read')
    await done('stream consumers read --register billing')
    await done('stream consumers read --register search')
    expect(await json('stream consumers read --deregister billing')).toEqual([
      { name: 'search', createdAt: expect.stringMatching(/Z$/) },
    ])
    const refused = await millrace(['stream', 'delete', 'read'])
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('registered consumer')])
    await done('stream delete read --enforce-consumer-deletion')
    const names = (await json('stream list')).map(({ name }: { name: string }) => name)
    expect(names).not.toContain('read')
  })

  it('answers a wrong request with what was expected, and exit code 2', async () => {
    for (const [args, message] of [
      ['stream shards shop --filter AT_TIMESTAMP --timestamp yesterday', /ISO 8601 .*such as 2026/],
      ['stream iterator shop 0 --type LATEST --sequence 1', /no --sequence with the type LATEST/],
      ['stream get made-up', /invalid shard iterator/],
      ['stream tag shop novalue', /key=value/],
    ] as const) {
      const { code, err } = await millrace(args.split(' '))
      expect([args, code]).toEqual([args, 2])
      expect(err).toMatch(message)
      expect(err).not.toMatch(/\n\s+at /)
    }
  })
})

/** The same iterator, made so many milliseconds earlier. */
async function aged(iterator: string, ms: number): Promise<string> {
  const { rows } = await db.pool.query<{ value: string }>(
    `select value from millrace.setting where name = 'iterator_key'`,
  )
  const key = rows[0]?.value ?? ''
  const state = decodeIterator(iterator, key)
  return encodeIterator({ ...state, createdMs: state.createdMs - ms }, key)
}

describe('millrace tail --follow', patient, () => {
  it('goes on in the shards that a split opens, and ends at Ctrl-C', async () => {
    await done('put --stream followed', 'line 1\nline 2\n')
    const tail = runProcess('src/cli/bin.ts', ['tail', 'followed', '-n', '1', '-f'], environment)
    await said(tail, /line 2\n/)
    expect((await millrace(['stream', 'split', 'followed', '0'])).code).toBe(0)
    expect((await millrace(['put', '--stream', 'followed'], { input: 'line 3\n' })).code).toBe(0)
    await said(tail, /line 3\n/)
    tail.child.kill('SIGINT')
    expect(await tail.exited).toBe(0)
    const lines = tail.output().trim().split('\n')
    expect(textOf(tail.output().trim())).toEqual(['line 2', 'line 3'])
    expect(lines[1]).toMatch(/^followed\/[12]\//)
  })
})

describe('millrace put, to a provisioned stream', patient, () => {
  it('sends again what the rate refused until all is stored, in the order of the lines', async () => {
    await done('stream create slow --mode provisioned --shard-records-per-second 20')
    const lines = numbered(1, 50)
    expect(await done('put --stream slow', lines.join('\n'))).toMatch(
      /^50 records durable in "slow".*; waited \d+ times? for the stream's rate$/,
    )
    expect(textOf(await done('tail slow -n 100'))).toEqual(lines)
  })

  it('gives up at Ctrl-C, and has stored the beginning of the input then', async () => {
    await done('stream create slower --mode provisioned --shard-records-per-second 5')
    const put = runProcess('src/cli/bin.ts', ['put', '--stream', 'slower'], environment)
    put.child.stdin?.end(numbered(1, 100).join('\n'))
    await said(put, /takes no more at its provisioned rate/)
    put.child.kill('SIGINT')
    expect(await put.exited).toBe(1)
    const durable = Number(/^(\d+) records durable/.exec(put.output())?.[1])
    expect(durable).toBeGreaterThanOrEqual(5)
    expect(put.output()).toMatch(/\d+ read and not stored, stopped early/)
    expect(textOf(await done('tail slower -n 100'))).toEqual(numbered(1, durable))
  })
})
