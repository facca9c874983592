import { describe, expect, it } from 'vitest'
import { pipelinesOf } from '../../src/pipeline/define-config.ts'
import { definePipeline } from '../../src/pipeline/define-pipeline.ts'
import type { PipelineOptions } from '../../src/pipeline/pipeline-options.ts'
import { toDefinition } from '../../src/pipeline/scheduling/register-pipeline.ts'
import { sink } from '../../src/pipeline/sink.ts'
import { toStream } from '../../src/pipeline/sinks/to-stream.ts'
import { toTable } from '../../src/pipeline/sinks/to-table.ts'
import { aggregate } from '../../src/pipeline/steps/aggregate.ts'
import { filter } from '../../src/pipeline/steps/filter.ts'
import { flatMap } from '../../src/pipeline/steps/flat-map.ts'
import { map } from '../../src/pipeline/steps/map.ts'
import { parse } from '../../src/pipeline/steps/parse.ts'
import { redact } from '../../src/pipeline/steps/redact.ts'
import { step } from '../../src/pipeline/steps/step.ts'

const nowhere = sink('nowhere', async () => {})
const define = (options: object) =>
  definePipeline({ name: 'p', stream: 's', ...options } as PipelineOptions).to(nowhere)

describe('definePipeline', () => {
  it('takes the defaults that its documentation names', () => {
    expect(toDefinition(define({}))).toEqual({
      streams: ['s'],
      start: 'TRIM_HORIZON',
      batch: { records: 2_000, bytes: 4 * 1024 * 1024, windowMs: 0 },
      parallelization: 1,
      filters: [],
      retry: { attempts: 3, maxAgeMs: undefined, bisect: true, backoffMs: 200 },
      onFailure: 'dead_letters',
      concurrency: undefined,
      steps: [],
      sinks: ['nowhere'],
      windows: {},
    })
  })

  it.each<[string, object, RegExp]>([
    [
      'an unknown key',
      { batchSize: 3 },
      /^pipeline "p": expected only the keys name, .+ and concurrency, got "batchSize"$/,
    ],
    [
      'an unknown key inside',
      { batch: { size: 3 } },
      /batch: expected only the keys records, bytes and windowMs, got "size"$/,
    ],
    ['a name with a blank', { name: 'a b' }, /name: expected a name of 1-64 characters/],
    ['no stream', { stream: undefined }, /stream: expected either stream or streams/],
    ['both of them', { streams: 'all' }, /expected either stream or streams, got both/],
    [
      'no records',
      { batch: { records: 0 } },
      /batch.records: expected a whole number from 1 to 10,000, got 0/,
    ],
    ['too many records', { batch: { records: 10_001 } }, /batch.records: .*to 10,000, got 10001/],
    ['a long window', { batch: { windowMs: 300_001 } }, /batch.windowMs: .*to 300,000, got 300001/],
    ['eleven lanes', { parallelization: 11 }, /parallelization: .*from 1 to 10, got 11/],
    [
      'no attempts',
      { retry: { attempts: 0 } },
      /retry.attempts: expected a whole number from 1 to 10,000, or 'unlimited', got 0/,
    ],
    [
      'an age below a minute',
      { retry: { maxAgeMs: 59_999 } },
      /retry.maxAgeMs: .*from 60,000 to 604,800,000, got 59999/,
    ],
    [
      'a window longer than the age',
      { batch: { windowMs: 60_000 }, retry: { maxAgeMs: 60_000 } },
      /batch.windowMs: expected it to be below retry.maxAgeMs \(60000\), got 60000/,
    ],
    ['an unknown start', { start: 'NOW' }, /start: expected 'TRIM_HORIZON', 'LATEST' or/],
    [
      'a start without its zone',
      { start: { type: 'AT_TIMESTAMP', timestamp: '2026-01-01T00:00:00' } },
      /start.timestamp: expected a Date or an ISO time with its zone/,
    ],
    [
      'a start in the future',
      { start: { type: 'AT_TIMESTAMP', timestamp: '2999-01-01T00:00:00Z' } },
      /start.timestamp: expected a moment that is not in the future/,
    ],
    ['a filter that is none', { filters: [{ data: { a: 'x' } }] }, /filters\[0\]\.data\.a/],
    [
      'eleven filters',
      { filters: Array(11).fill({ partitionKey: ['a'] }) },
      /filters: expected a list of at most 10, got 11/,
    ],
    [
      'failures that come back',
      { onFailure: { stream: 's' } },
      /onFailure.stream: expected a stream that the pipeline does not follow, got "s"/,
    ],
    ['no definition at all', { name: undefined }, /name/],
    [
      'one stream as a list',
      { stream: undefined, streams: 's' },
      /streams: expected 'all' or a list of stream names .*, got "s"; a single one is stream: NAME/,
    ],
    [
      'a switch that is a text',
      { retry: { bisect: 'yes' } },
      /bisect: expected true or false, got "yes"/,
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => define(options)).toThrow(message)
  })

  it('names everything that is wrong at once', () => {
    expect(() => define({ parallelization: 0, batch: { records: -1 }, x: 1 })).toThrow(
      /batch\.records.*parallelization.*"x"|"x".*batch\.records/s,
    )
  })

  it('refuses a tumbling window that is over before its batch is full', () => {
    const counting = aggregate({
      windowMs: 5_000,
      initial: () => 0,
      add: (count: number) => count + 1,
      result: (count) => ({ count }),
    })
    expect(() =>
      definePipeline({ name: 'p', stream: 's', batch: { windowMs: 6_000 } })
        .step(counting)
        .to(nowhere),
    ).toThrow(
      /step "aggregate": expected its windowMs to be at least batch.windowMs \(6000\), got 5000/,
    )
    expect(() => aggregate({ windowMs: 10 } as never)).toThrow(
      /aggregate: windowMs: .*from 1,000 to/,
    )
  })

  it('says what to do with a plain function, or with nothing', () => {
    const builder = definePipeline({ name: 'p', stream: 's' })
    expect(() => builder.step(((value: unknown) => value) as never)).toThrow(/wrap it: map\(fn\)/)
    expect(() => builder.step(undefined as never)).toThrow(/expected a step, got undefined$/)
    expect(() => builder.to()).toThrow(/expected at least one sink/)
    expect(() => builder.to((async () => {}) as never)).toThrow(/wrap it: sink\(NAME, fn\)/)
  })

  it('refuses a step among the sinks, and a sink among the steps', () => {
    const builder = definePipeline({ name: 'p', stream: 's' })
    expect(() => builder.to(parse() as never)).toThrow(/expected a sink, got a step; it belongs/)
    expect(() => builder.step(nowhere as never)).toThrow(/expected a step, got a sink; it belongs/)
  })

  it('refuses a step or a sink without its function, or without a name', () => {
    const builder = definePipeline({ name: 'p', stream: 's' })
    const nothing = undefined as never
    expect(() => map(nothing)).toThrow(/^map: expected a function, got undefined; map\(fn\)/)
    expect(() => flatMap('lines', nothing)).toThrow(/^flatMap: expected a function, got undefined/)
    expect(() => filter('errors' as never)).toThrow(/^filter: expected a function, got "errors"/)
    expect(() => step('score', nothing)).toThrow(/^step: expected a function, got undefined/)
    expect(() => sink('mine', nothing)).toThrow(/^sink: expected a function, got undefined/)
    expect(() => builder.step(map('', () => 1))).toThrow(/name of a step to be 1 to 64 characters/)
    expect(() => builder.step(map(() => 1, null as never))).toThrow(
      /"map": expected an object, got null/,
    )
  })

  it('refuses options of a step that it does not know, and says which there are', () => {
    expect(() => redact({ ip: true } as never)).toThrow(
      /^redact: expected only the keys rules, ips, userNames, timeoutMs and retry, got "ip"$/,
    )
    expect(() => redact({ ips: 'yes' } as never)).toThrow(/^redact: ips: expected true or false/)
    expect(() => redact(null as never)).toThrow(/^redact: expected an object, got null$/)
  })

  it('refuses a stream that it follows as one that it writes to', () => {
    const builder = definePipeline({ name: 'p', streams: ['r', 's'] })
    expect(() => builder.to(toStream({ stream: 's' }))).toThrow(
      /"p": sink "toStream": stream: expected a stream that the pipeline does not follow, got "s"/,
    )
    expect(builder.to(toStream({ stream: 't' })).sinks).toHaveLength(1)
    expect(() =>
      definePipeline({ name: 'p', streams: 'all' }).to(toStream({ stream: 't' })),
    ).toThrow(/expected a stream that the pipeline does not follow, got "t"/)
  })

  it('refuses a table’s name that is none', () => {
    expect(() => toTable({ table: 'a.b.c' })).toThrow(/table: expected NAME or SCHEMA.NAME/)
    expect(() => toTable({ table: '' })).toThrow(/table: expected NAME or SCHEMA.NAME/)
  })

  it('leaves a builder as it was: two pipelines may share a beginning', () => {
    const beginning = definePipeline({ name: 'p', stream: 's' }).step(map((record) => record.data))
    const one = beginning.step(map((data) => data.length)).to(nowhere)
    expect(one.steps).toHaveLength(2)
    expect(beginning.to(nowhere).steps).toHaveLength(1)
  })
})

describe('pipelinesOf', () => {
  it('adds the logs pipeline unless it is told not to, or there is one of that name', () => {
    const names = (config: object) =>
      pipelinesOf(config, 'config').map((pipeline) => pipeline.options.name)
    expect(names({ pipelines: [define({})] })).toEqual(['p', 'logs'])
    expect(names({ pipelines: [define({})], logs: false })).toEqual(['p'])
    expect(names({ pipelines: [define({ name: 'logs' })] })).toEqual(['logs'])
  })

  it.each<[string, unknown, RegExp]>([
    ['no object', undefined, /^config: /],
    ['an unknown key', { pipelines: [], pipeline: [] }, /"pipeline"/],
    ['what is no pipeline', { pipelines: [{}] }, /pipelines.0: expected what definePipeline/],
    [
      'a builder without its sink',
      { pipelines: [definePipeline({ name: 'p', stream: 's' })] },
      /expected it to end with \.to\(SINK\)/,
    ],
    ['two of one name', { pipelines: [define({}), define({})] }, /two pipelines are called "p"/],
  ])('refuses %s', (_, config, message) => {
    expect(() => pipelinesOf(config, 'config')).toThrow(message)
  })
})
