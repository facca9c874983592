import type { ReshardResult } from '../../log/reshard.ts'

/** Says which shards a split, a merge or a scaling closed and opened. */
export function formatReshard({ closed, opened }: ReshardResult): string {
  return opened.length === 0
    ? 'nothing to change'
    : `closed shards: ${closed.join(', ')}; opened shards: ${opened.join(', ')}`
}
