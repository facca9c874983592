import type { BenchLine } from '../support/lines.ts'

/** The table that the limits fill: what a log of one row a record would have at least. */
export const rowsTable = `create table rows (
  shard int not null,
  seq bigint not null,
  arrived_at timestamptz not null default now(),
  key text not null,
  data bytea not null,
  primary key (shard, seq)
)`

/** What COPY's binary format begins with: signature, flags, length of an extension. */
export const copyStart: Buffer = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
/** What it ends with. */
export const copyEnd: Buffer = Buffer.from([0xff, 0xff])
/** Of a row's field count, four lengths, shard and seq. */
const rowOverhead = 30

/** Rows (shard, seq, key, data) in COPY's binary format, numbered from `first` on. */
export function encodeCopyRows(shard: number, first: number, batch: readonly BenchLine[]): Buffer {
  let size = 0
  for (const { partitionKey, data } of batch)
    size += rowOverhead + Buffer.byteLength(partitionKey) + data.length
  const out = Buffer.allocUnsafe(size)
  let at = 0
  for (const [index, line] of batch.entries()) {
    at = out.writeInt16BE(4, at)
    at = out.writeInt32BE(4, at)
    at = out.writeInt32BE(shard, at)
    at = out.writeInt32BE(8, at)
    at = out.writeBigInt64BE(BigInt(first + index), at)
    const keyAt = at + 4
    const keyBytes = out.write(line.partitionKey, keyAt)
    out.writeInt32BE(keyBytes, at)
    at = out.writeInt32BE(line.data.length, keyAt + keyBytes)
    at += line.data.copy(out, at)
  }
  return out
}
