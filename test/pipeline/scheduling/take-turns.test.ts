import { expect, it } from 'vitest'
import { takeTurns } from '../../../src/pipeline/scheduling/take-turns.ts'

it('gives each pipeline a turn before any has a second, and the longest waiting of each its first', () => {
  const waiting = ['a1', 'a2', 'a3', 'b4', 'a5', 'b6', 'c7'].map((name) => ({
    pipeline: name.slice(0, 1),
    shardId: Number(name.slice(1)),
  }))
  const order = (limit: number) =>
    takeTurns(waiting, limit).map(({ pipeline, shardId, turn }) => `${pipeline}${shardId}:${turn}`)
  expect(order(100)).toEqual(['a1:0', 'b4:0', 'c7:0', 'a2:1', 'b6:1', 'a3:2', 'a5:3'])
  expect(order(4)).toEqual(['a1:0', 'b4:0', 'c7:0', 'a2:1'])
})
