import { describe, expect, test } from 'vitest'
import { logsPipeline } from '../../src/pipeline/logs-pipeline.ts'

describe('the logs pipeline', () => {
  test('follows all streams, under a name that its checkpoints have always had', () => {
    const { options, steps, sinks } = logsPipeline()
    expect(options).toMatchObject({ name: 'logs', streams: 'all', batch: { records: 2_000 } })
    expect(steps.map(({ name }) => name)).toEqual(['parse', 'redact', 'pattern', 'embed'])
    expect(sinks.map(({ name }) => name)).toEqual(['index'])
  })

  test('takes another name, one stream, other batches', () => {
    expect(
      logsPipeline({ name: 'mine', stream: 'web', batch: { records: 10 } }).options,
    ).toMatchObject({ name: 'mine', streams: ['web'], batch: { records: 10 } })
    expect(logsPipeline({ streams: ['a', 'b'] }).options.streams).toEqual(['a', 'b'])
  })
})
