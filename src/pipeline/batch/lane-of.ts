/** The lane of a partition key among `lanes`: FNV-1a over its UTF-16 units, the same in every process. */
export function laneOf(partitionKey: string, lanes: number): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < partitionKey.length; at += 1) {
    hash ^= partitionKey.charCodeAt(at)
    hash = Math.imul(hash, 0x01000193)
  }
  return (hash >>> 0) % lanes
}
