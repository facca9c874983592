import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../../src/base/errors.ts'
import { explainFailure, putInSlices } from '../../../src/server/doors/put-outcome.ts'
import { fakeProducer } from '../start-test-server.ts'

const records = (count: number, bytes = 10) =>
  Array.from({ length: count }, () => ({ partitionKey: 'k', data: Buffer.alloc(bytes) }))
const full = new MillraceError('throughput_exceeded', 'full', { retryable: true })
const tooLarge = new MillraceError('limit_exceeded', 'too large')

describe('putInSlices', () => {
  it('puts a large request piece by piece, by records and by bytes', async () => {
    const byRecords = fakeProducer()
    await putInSlices(byRecords.producer, { stream: 's', records: records(12_000), skipped: 0 })
    expect(byRecords.calls).toEqual([5_000, 5_000, 2_000])
    const byBytes = fakeProducer()
    await putInSlices(byBytes.producer, { stream: 's', records: records(9, 1 << 20), skipped: 0 })
    expect(byBytes.calls).toEqual([4, 4, 1])
    const oneLarge = fakeProducer()
    await putInSlices(oneLarge.producer, { stream: 's', records: records(2, 9 << 20), skipped: 0 })
    expect(oneLarge.calls).toEqual([1, 1])
  })

  it('asks for the stream even when there is nothing to put', async () => {
    const { producer, calls } = fakeProducer()
    const outcome = await putInSlices(producer, { stream: 's', records: [], skipped: 3 })
    expect(calls).toEqual([0])
    expect(outcome).toMatchObject({ accepted: 0, rejected: 0, skipped: 3, failure: null })
  })

  it('goes on after a record that is refused for what it is', async () => {
    const { producer } = fakeProducer((_record, index) =>
      index === 1 ? { ok: false, error: tooLarge } : undefined,
    )
    const outcome = await putInSlices(producer, {
      stream: 's',
      records: records(6_000),
      skipped: 0,
    })
    expect(outcome).toMatchObject({ accepted: 5_999, rejected: 1, failure: null })
  })

  it('stops after the slice that fails, and every record knows what became of it', async () => {
    const { producer, calls } = fakeProducer((_record, index) =>
      index === 5_001 ? { ok: false, error: full } : undefined,
    )
    const outcome = await putInSlices(producer, {
      stream: 's',
      records: records(15_000),
      skipped: 0,
    })
    expect(calls).toEqual([5_000, 5_000])
    expect(outcome).toMatchObject({ accepted: 9_999, rejected: 0, failure: full })
    expect(outcome.results).toHaveLength(15_000)
    expect(outcome.results[14_999]).toEqual({ ok: false, error: full })
    expect(explainFailure(outcome, full).message).toContain('9999 of 15000 records are stored')
  })

  it('keeps what is known when a later slice cannot be tried', async () => {
    const { producer } = fakeProducer()
    let calls = 0
    const dying = {
      ...producer,
      put: async (...input: Parameters<typeof producer.put>) => {
        calls += 1
        if (calls === 2) throw new MillraceError('aborted', 'the producer was stopped')
        return producer.put(...input)
      },
    }
    const outcome = await putInSlices(dying, { stream: 's', records: records(6_000), skipped: 0 })
    expect(outcome.failure?.code).toBe('aborted')
    expect(outcome.accepted).toBe(5_000)
  })
})
