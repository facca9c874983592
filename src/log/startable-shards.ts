import type { LineageShard } from './read-lineage.ts'

/** A shard to follow next, and the number from which on: where its parents' reading ended. */
export interface StartableShard {
  id: number
  number: number
  next: bigint
}

/**
 * The shards to follow next: those that continue an ended one and of which no ancestor is still to be read. A parent that
 * is not known yet counts too: the child of two may have one whose own parent is still followed. A shard whose records are
 * all expired counts as ended when its parents have.
 *
 * `shards`: all of the stream, by number; children have greater numbers than their parents. `ended`: by number, the
 * sequence number at which reading ended: children hold greater ones, unless reading began after the parent's end.
 */
export function startableShards(
  shards: readonly Pick<LineageShard, 'id' | 'number' | 'parents' | 'isKept'>[],
  followed: { active: ReadonlySet<number>; ended: ReadonlyMap<number, bigint> },
): StartableShard[] {
  const pending = new Set(followed.active)
  const ended = new Map(followed.ended)
  const startable: StartableShard[] = []
  for (const { id, number, parents, isKept } of shards) {
    if (pending.has(number) || ended.has(number)) continue
    if (parents.some((parent) => pending.has(parent))) {
      pending.add(number)
      continue
    }
    const ends = parents.flatMap((parent) => ended.get(parent) ?? [])
    if (ends.length === 0) continue
    const next = ends.reduce((a, b) => (a > b ? a : b))
    if (isKept) {
      startable.push({ id, number, next })
      pending.add(number)
    } else ended.set(number, next)
  }
  return startable
}
