import { describe, expect, expectTypeOf, test } from 'vitest'
import type { LogRecord } from '../../../src/log/read-records.ts'
import { definePipeline, type PipelineBuilder } from '../../../src/pipeline/define-pipeline.ts'
import { sink } from '../../../src/pipeline/sink.ts'
import { embed } from '../../../src/pipeline/steps/embed.ts'
import { filter } from '../../../src/pipeline/steps/filter.ts'
import { flatMap } from '../../../src/pipeline/steps/flat-map.ts'
import { index } from '../../../src/pipeline/steps/index-events.ts'
import { map } from '../../../src/pipeline/steps/map.ts'
import type { ParsedEvent } from '../../../src/pipeline/steps/parse/parse-record.ts'
import { parse } from '../../../src/pipeline/steps/parse.ts'
import { type PatternedEvent, pattern } from '../../../src/pipeline/steps/pattern.ts'
import { redact } from '../../../src/pipeline/steps/redact.ts'
import { step } from '../../../src/pipeline/steps/step.ts'

const start = () => definePipeline({ name: 'typed', stream: 'logs' })

describe('what a step yields is what the next one gets', () => {
  test('from records over events to what is stored', () => {
    expectTypeOf(start()).toEqualTypeOf<PipelineBuilder<LogRecord>>()
    const parsed = start().step(parse()).step(redact())
    expectTypeOf(parsed).toEqualTypeOf<PipelineBuilder<ParsedEvent>>()
    const patterned = parsed.step(pattern()).step(embed())
    expectTypeOf(patterned).toEqualTypeOf<PipelineBuilder<PatternedEvent>>()
    expect(patterned.to(index()).steps.map(({ name }) => name)).toEqual([
      'parse',
      'redact',
      'pattern',
      'embed',
    ])
  })

  test('in functions of one value, whose types follow from the chain', () => {
    const chain = start()
      .step(parse())
      .step(filter((event) => event.severity >= 17))
      .step(map((event) => ({ at: event.at, text: event.body })))
      .step(map('slow', async ({ text }) => ({ text, length: text.length })))
      .step(flatMap(({ text, length }) => [{ text, length, half: 1 }]))
      .step(embed(({ text }) => text, { timeoutMs: 1_000 }))
    expectTypeOf(chain).toEqualTypeOf<
      PipelineBuilder<
        { text: string; length: number; half: number } & { vector: Float32Array | null }
      >
    >()
    const none = sink<unknown>('none', async () => {})
    expect(chain.to(none).steps.map(({ name, shape }) => [name, shape])).toEqual([
      ['parse', 'spread'],
      ['filter', 'keep'],
      ['map', 'each'],
      ['slow', 'each'],
      ['flatMap', 'spread'],
      ['embed', 'each'],
    ])
  })

  test('narrowed by a type guard', () => {
    const named = start()
      .step(parse())
      .step(map((event) => event.service))
      .step(filter((service) => service !== null))
    expectTypeOf(named).toEqualTypeOf<PipelineBuilder<string>>()
  })

  test('in a step of your own over the batch', () => {
    const scored = start()
      .step(parse())
      .step(step('score', async (events) => events.map((event) => event.body.length)))
    expectTypeOf(scored).toEqualTypeOf<PipelineBuilder<number>>()
  })
})

/** Each is wrong, and says so to the compiler alone: without an error where one is expected this file does not compile. */
test('a wrong chain does not compile', () => {
  // @ts-expect-error: redact gets events, not records
  start().step(redact())
  // @ts-expect-error: parse gets records, not events
  start().step(parse()).step(parse())
  // @ts-expect-error: only patterned events have patterns to embed
  start().step(parse()).step(embed())
  // @ts-expect-error: index stores patterned events
  start().step(parse()).to(index())
  start()
    .step(parse())
    // @ts-expect-error: an event has no such field
    .step(map((event) => event.colour))
  start()
    .step(parse())
    // @ts-expect-error: what is not there cannot be looked for
    .step(filter((event) => event.colour === 'red'))
  start()
    .step(map((record) => record.data.length))
    // @ts-expect-error: a number has no length
    .step(map((length: string) => length))
  start()
    .step(map((record) => record.data.length))
    // @ts-expect-error: the sink takes texts, the chain yields numbers
    .to(sink('texts', async (_client, _texts: readonly string[]) => {}))
  start()
    .step(parse())
    // @ts-expect-error: a text is what is embedded
    .step(embed((event) => event.severity))
  start()
    .step(parse())
    // @ts-expect-error: flatMap makes lists
    .step(flatMap((event) => event.severity))
})
