import { evenRanges, type HashRange } from './hash-ring.ts'
import type { PlannedShard } from './reshard.ts'

/** A shard that is open at some moment of the plan. */
type Piece = HashRange & { number: number }

/**
 * Takes open shards (ascending, tiling) to `target` even ones by splits and merges alone, as Amazon Kinesis does, so that
 * every shard has one parent or two. First each bound of the target that lies inside a shard splits it, the middle one
 * first, then what lies between two bounds is merged, neighbours first: short-lived shards are as few generations apart
 * as can be. A shard that is as it should be stays.
 */
export function planScaling(
  open: readonly Piece[],
  target: number,
  nextNumber: number,
): PlannedShard[] {
  const planned: PlannedShard[] = []
  const add = (parents: readonly number[], hashStart: bigint, hashEnd: bigint): Piece => {
    const shard = { number: nextNumber + planned.length, parents, hashStart, hashEnd }
    planned.push(shard)
    return shard
  }
  const split = (piece: Piece, starts: readonly bigint[]): Piece[] => {
    const middle = starts.length >> 1
    const start = starts[middle]
    if (start === undefined) return [piece]
    const left = add([piece.number], piece.hashStart, start - 1n)
    const right = add([piece.number], start, piece.hashEnd)
    return [...split(left, starts.slice(0, middle)), ...split(right, starts.slice(middle + 1))]
  }
  const merge = (pieces: readonly Piece[]): void => {
    if (pieces.length < 2) return
    const merged: Piece[] = []
    for (let index = 0; index < pieces.length; index += 2) {
      const [first, second] = [pieces[index], pieces[index + 1]]
      if (!first) continue
      merged.push(
        second ? add([first.number, second.number], first.hashStart, second.hashEnd) : first,
      )
    }
    merge(merged)
  }

  const ranges = evenRanges(target)
  const pieces = open.flatMap((piece) =>
    split(
      piece,
      ranges
        .map((range) => range.hashStart)
        .filter((start) => start > piece.hashStart && start <= piece.hashEnd),
    ),
  )
  for (const range of ranges)
    merge(
      pieces.filter(
        (piece) => piece.hashStart >= range.hashStart && piece.hashEnd <= range.hashEnd,
      ),
    )
  return planned
}
