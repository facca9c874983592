import { describe, expect, test } from 'vitest'
import { MillraceError } from '../../../src/base/errors.ts'
import { registerModel } from '../../../src/embed/register-model.ts'
import { embed } from '../../../src/pipeline/steps/embed.ts'
import { parse } from '../../../src/pipeline/steps/parse.ts'
import { type PatternedEvent, pattern } from '../../../src/pipeline/steps/pattern.ts'
import { fakeEmbedder } from '../../embed/fake-embedder.ts'
import { testDatabase } from '../../support/database.ts'
import { recordsOf, stepContext, stepResources } from '../../support/step-context.ts'

const db = await testDatabase()
let outage: MillraceError | undefined
const embedder = fakeEmbedder({
  answer: (texts, { onUsage }) => {
    if (outage) return Promise.reject(outage)
    onUsage?.({ requests: 1, tokens: texts.length })
    return undefined
  },
})
const modelId = await registerModel(db.pool, embedder)
const resources = stepResources({
  pool: db.pool,
  embedding: async () => ({ embedder, modelId }),
})

/** Parse, pattern and embed as one process opens them. */
async function openProcess() {
  const [parsing, patterning, embedding] = await Promise.all([
    parse().open(resources),
    pattern().open(resources),
    embed().open(resources),
  ])
  const match = async (...lines: string[]) => {
    const context = stepContext(recordsOf(...lines))
    const parsed = ((await parsing(context.records, context)) as unknown[][]).flat() as never
    return { events: (await patterning(parsed, context)) as PatternedEvent[], context }
  }
  const run = async (...lines: string[]) => {
    const { events, context } = await match(...lines)
    expect(await embedding(events, context)).toBe(events)
    return { events, context }
  }
  return { match, run, embedding }
}

/** Which of these patterns have a vector of their current version. */
async function vectorsOf(events: readonly PatternedEvent[]): Promise<boolean[]> {
  const { rows } = await db.pool.query<{ id: number }>(
    `select p.id
       from millrace.pattern p
       join millrace.pattern_embedding e on e.pattern_id = p.id and e.version = p.version
      where e.model_id = $1`,
    [modelId],
  )
  const ids = new Set(rows.map((row) => row.id))
  return events.map((event) => ids.has(event.patternId))
}

describe('embed without an argument', () => {
  test('asks for a pattern once, however many lines and batches have it, and counts what it cost', async () => {
    const { run } = await openProcess()
    const calls = embedder.calls.length
    const { events, context } = await run('disk 1 is full now', 'disk 2 is full now')
    expect(events[0]?.patternId).toBe(events[1]?.patternId)
    expect(await vectorsOf(events)).toEqual([true, true])
    await run('disk 3 is full now')
    expect(embedder.calls.length).toBe(calls + 1)
    expect(context.usage).toEqual([{ requests: 1, tokens: 1 }])
  })

  test('waits with a batch through an outage, also when others went by before it is tried again', async () => {
    const { run } = await openProcess()
    outage = new MillraceError('embedder_unavailable', 'not now', { retryable: true })
    await expect(run('queue 1 overflowed badly')).rejects.toBe(outage)
    outage = undefined
    await run('something else entirely happened')
    const { events } = await run('queue 1 overflowed badly')
    expect(await vectorsOf(events)).toEqual([true])
  })

  test('leaves no pattern without a vector when the batch that met it failed before it', async () => {
    const { match, run } = await openProcess()
    await match('lease 7 was lost by us')
    const { events } = await run('lease 8 was lost by us')
    expect(await vectorsOf(events)).toEqual([true])
  })

  test('leaves none in another process, which takes the batch over', async () => {
    await (await openProcess()).match('token 7 was refused there')
    const { events } = await (await openProcess()).run('token 7 was refused there')
    expect(await vectorsOf(events)).toEqual([true])
  })

  test('embeds a pattern anew when it has changed, also if the batch that changed it failed', async () => {
    const { match, run } = await openProcess()
    const { events: before } = await run('job mailer-a1 of the nightly run has ended')
    const { events: changed } = await match('job 17 of the nightly run has ended')
    expect(changed[0]?.patternId).toBe(before[0]?.patternId)
    expect(await vectorsOf(changed)).toEqual([false])
    const { events } = await run('job 17 of the nightly run has ended')
    expect(await vectorsOf(events)).toEqual([true])
  })
})

describe('embed of a text', () => {
  test('puts a vector beside each value, null beside what has no meaning', async () => {
    const run = await embed((value: { title: string }) => value.title).open(resources)
    const context = stepContext(recordsOf('a', 'b'))
    const values = [{ title: 'a broken door' }, { title: 'a broken window' }]
    expect(await run(values, context)).toEqual(
      values.map((value) => ({ ...value, vector: expect.any(Float32Array) })),
    )
    expect(context.usage).toEqual([{ requests: 1, tokens: 2 }])
  })

  test('names the record whose text cannot be told, and embeds what is before it', async () => {
    const run = await embed((value: { title?: string }) => {
      if (value.title === undefined) throw new TypeError('no title')
      return value.title
    }).open(resources)
    expect(await run([{ title: 'a door' }, {}], stepContext(recordsOf('a', 'b')))).toEqual({
      values: [{ title: 'a door', vector: expect.any(Float32Array) }],
      failure: expect.objectContaining({ failed: [2n], reason: 'it threw TypeError' }),
    })
  })
})
