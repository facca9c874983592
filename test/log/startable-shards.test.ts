import { describe, expect, it } from 'vitest'
import { startableShards } from '../../src/log/startable-shards.ts'

const shard = (number: number, ...parents: number[]) => ({
  id: number + 100,
  number,
  parents,
  isKept: true,
})
const expired = (number: number, ...parents: number[]) => ({
  ...shard(number, ...parents),
  isKept: false,
})
const numbers = (shards: readonly { number: number }[]) => shards.map(({ number }) => number)
const followed = (active: number[], ended: number[]) => ({
  active: new Set(active),
  ended: new Map(ended.map((number) => [number, 0n])),
})

describe('startableShards', () => {
  it('starts both children of a split, and that of a merge when both parents have ended', () => {
    const shards = [shard(0), shard(1), shard(2, 0), shard(3, 0), shard(4, 1, 2)]
    expect(numbers(startableShards(shards, followed([1], [0])))).toEqual([2, 3])
    expect(numbers(startableShards(shards, followed([1, 3], [0, 2])))).toEqual([])
    expect(numbers(startableShards(shards, followed([3], [0, 1, 2])))).toEqual([4])
  })

  it('waits for a parent that is not known yet, because its own parent is still read', () => {
    const shards = [shard(0), shard(1), shard(2, 1), shard(3, 1), shard(4, 0, 2)]
    expect(numbers(startableShards(shards, followed([1], [0])))).toEqual([])
    expect(numbers(startableShards(shards, followed([], [0, 1])))).toEqual([2, 3])
  })

  it('does not wait for what is not followed, nor start it', () => {
    const shards = [shard(5), shard(6), shard(7, 5, 6), shard(8, 6)]
    expect(numbers(startableShards(shards, followed([], [5])))).toEqual([7])
  })

  it('gets past generations whose records are all expired', () => {
    const shards = [
      expired(0),
      expired(1, 0),
      shard(2, 0),
      shard(3, 1),
      shard(4, 1),
      shard(5, 2, 3),
    ]
    expect(numbers(startableShards(shards, followed([], [0])))).toEqual([2, 3, 4])
    expect(numbers(startableShards(shards, followed([2], [0])))).toEqual([3, 4])
  })

  it('goes on where the parents ended, so that what began after their end does not go back', () => {
    const ended = new Map([
      [0, 70n],
      [1, 90n],
    ])
    const shards = [shard(0), shard(1), shard(2, 0, 1)]
    expect(startableShards(shards, { active: new Set(), ended })).toEqual([
      { id: 102, number: 2, next: 90n },
    ])
  })
})
