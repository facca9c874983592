import { describe, expect, it } from 'vitest'
import { openEvent } from '../../../../../src/pipeline/steps/parse/join/open-event.ts'
import {
  createSourceMemory,
  type ShardMemory,
} from '../../../../../src/pipeline/steps/parse/join/source-memory.ts'
import { readRecord } from '../../../../../src/pipeline/steps/parse/parse-record.ts'
import { recordsOf } from '../../../../support/step-context.ts'

/** Remembers a short line of so many sources. */
function fill(shard: ShardMemory, sources: number): void {
  for (const record of recordsOf('a line'))
    for (let source = 0; source < sources; source += 1)
      shard.set(`${source}`, openEvent(record, readRecord(record), undefined), undefined)
}

const first = { after: 0n, to: 1n }
const second = { after: 1n, to: 2n }

describe('what is remembered of sources', () => {
  it('is kept from unit to unit while it is little', () => {
    const memory = createSourceMemory()
    const shard = memory.enter(1, first)
    fill(shard, 1_000)
    expect(memory.enter(1, second)).toBe(shard)
  })

  it('starts anew when a shard has very many sources, however short their lines', () => {
    const memory = createSourceMemory()
    const shard = memory.enter(1, first)
    fill(shard, 20_000)
    expect(memory.enter(1, second)).not.toBe(shard)
  })

  it('forgets first the shards that were not worked for the longest when they are too many', () => {
    const memory = createSourceMemory()
    const shards = Array.from({ length: 12 }, (_, id) => {
      const shard = memory.enter(id, first)
      fill(shard, 8_000)
      return shard
    })
    expect(memory.enter(11, second)).toBe(shards[11])
    expect(memory.enter(0, second)).not.toBe(shards[0])
  })
})
