import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../src/base/logger.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { createProducer } from '../../src/log/producer.ts'
import { testDatabase } from '../support/database.ts'
import { sharedEnvironment, testEnvironment } from '../support/environment.ts'
import { commandRunner } from './run-command.ts'

const db = await testDatabase()
const folder = await mkdtemp(join(tmpdir(), 'millrace-search-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const millrace = commandRunner(sharedEnvironment(db))
/** As on a machine without a server. */
const millraceEmbedded = commandRunner(await testEnvironment())

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const at = (second: number) => `2026-11-23T10:00:${String(second).padStart(2, '0')}Z`
const entry = (second: number, level: string, service: string, msg: string, more: object = {}) =>
  JSON.stringify({ time: at(second), level, service, msg, ...more })
const lines = [
  entry(0, 'info', 'web', 'GET /cart answered 200', { trace_id: trace, host: 'node-a' }),
  entry(1, 'info', 'web', 'GET /faq answered 200', { host: 'node-b' }),
  entry(2, 'info', 'stock', 'shelf counted'),
  entry(3, 'warn', 'stock', 'could not extend file base/16401/24687: No space left on device'),
  entry(4, 'error', 'web', 'cart could not be stored', { trace_id: trace, host: 'node-a' }),
  entry(40, 'info', 'stock', 'shelf counted'),
  entry(41, 'info', 'web', 'receipt sent to anna.costa35@example.com'),
]

beforeAll(async () => {
  await createStream(db, { name: 'shop' })
  await using producer = createProducer({ ...db, logger: createLogger({ level: 'silent' }) })
  await producer.put(
    'shop',
    lines.map((line) => ({ partitionKey: 'shop.log', data: Buffer.from(line) })),
  )
})

// Each command is a process of its own, and loads the model anew.
describe('millrace search', { timeout: 180_000 }, () => {
  const search = async (...args: string[]) => {
    const { code, out, err } = await millrace(['search', ...args, '--json'])
    expect([code, code === 0 ? '' : err]).toEqual([0, ''])
    return JSON.parse(out)
  }

  it('finds by meaning, inside the filters only', async () => {
    const { hits } = await search('disk is full')
    expect(hits[0]).toMatchObject({ service: 'stock', severity: 'WARN' })
    expect(hits[0].citation).toMatch(/^shop\/0\/\d+$/)
    expect((await search('disk is full', '--to', at(3), '--severity', 'warn')).hits).toEqual([])
    const mail = await search('anna.costa35@example.com')
    expect(mail.hits).toMatchObject([{ text: expect.stringMatching(/^receipt sent to <email:/) }])
    expect(mail.text).not.toContain('anna')
    const { hits: named } = await search('GET', '--host', 'NODE-A', '--trace', trace)
    expect(named).toMatchObject([
      { text: 'GET /cart answered 200', traceId: trace, host: 'node-a' },
    ])
  })

  it('shows the trace of a hit, or what its service said around a warning', async () => {
    const { hits } = await search('cart could not be stored, no space left', '--around', '5')
    const [error, warning] = ['ERROR', 'WARN'].map((severity) =>
      hits.find((hit: { severity: string }) => hit.severity === severity),
    )
    expect(error.unit).toMatchObject({ kind: 'trace', label: `trace ${trace}` })
    expect(error.unit.events.map((event: { at: string }) => Date.parse(event.at))).toEqual([
      Date.parse(at(0)),
      Date.parse(at(4)),
    ])
    expect(warning.unit).toMatchObject({ kind: 'window', events: { length: 2 } })
  })

  it('explains the ranking: the sum of what each leg found', async () => {
    const { hits, explanation } = await search('no space left', '--explain')
    expect(explanation.decidedBy).toBe('patterns')
    expect(explanation.ranking[0]).toMatchObject({
      score: hits[0].score,
      legs: { lexical: { place: 1 }, vector: { place: 1 } },
      dropped: null,
    })
    const { code, out } = await millrace(['search', 'no space left', '--explain'])
    expect([code, out]).toEqual([0, expect.stringMatching(/= .* × .* vector #1/)])
  })

  it('refuses what names nothing, and says what there is', async () => {
    for (const [args, message] of [
      [['x', '--service', 'nobody'], /there are: stock, web/],
      [['x', '--stream', 'nowhere'], /"nowhere" does not exist/],
      [['x', '--since', 'yesterday'], /90s, 15m/],
    ] as const) {
      const { code, err } = await millrace(['search', ...args])
      expect([args, code]).toEqual([args, 2])
      expect(err).toMatch(message)
    }
  })
})

describe('millrace eval', { timeout: 180_000 }, () => {
  it('asks the questions of a folder and reports what was found', async () => {
    const dir = join(folder, 'questions')
    await mkdir(join(dir, 'logs'), { recursive: true })
    await writeFile(join(dir, 'logs', 'shop.log'), `${lines.join('\n')}\n`)
    const questions = [
      { question: 'is the disk full?', kind: 'find', style: 'symptom', gold: [lines[3]] },
      { question: `what happened in ${trace}?`, kind: 'find', gold: [lines[4]] },
      { question: 'how many errors are there in web?', kind: 'count', gold: 1 },
      { question: 'was there a kernel panic?', kind: 'absent' },
    ]
    await writeFile(
      join(dir, 'questions.jsonl'),
      questions.map((question) => JSON.stringify(question)).join('\n'),
    )
    const { code, out } = await millraceEmbedded(['eval', dir, '--json'])
    expect(code).toBe(0)
    const report = JSON.parse(out)
    expect(report).toMatchObject({
      questions: 4,
      lines: lines.length,
      methods: { millrace: { recallAt10: 1 }, bm25: { recallAt10: expect.any(Number) } },
      counts: { asked: 1, exact: 1 },
      refusals: { absent: 1, right: 1, answerable: 3, wrong: 0 },
    })
  })

  it('says what is wrong with a folder', async () => {
    const { code, err } = await millraceEmbedded(['eval', folder])
    expect([code, err]).toEqual([2, expect.stringMatching(/cannot read .*questions.jsonl/)])
  })
})
