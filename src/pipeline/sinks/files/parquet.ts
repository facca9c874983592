import { isUtf8 } from 'node:buffer'
import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { MillraceError } from '../../../base/errors.ts'
import type { LogRecord } from '../../../log/read-records.ts'
import { toPlain } from '../plain-json.ts'

export const parquetTypes = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'DOUBLE',
  'STRING',
  'JSON',
  'TIMESTAMP',
  'BYTE_ARRAY',
] as const
export type ParquetType = (typeof parquetTypes)[number]
export type ParquetCodec = 'none' | 'gzip' | 'snappy'

interface ColumnData {
  name: string
  type: ParquetType
  data: unknown[]
  nullable: boolean
}

/**
 * Records as a Parquet file: stream, shard, sequence, partition_key, arrived_at and their data, as text in `data` where
 * it is UTF-8 and else as bytes in `data_bytes`: every file has the same columns, and nothing is lost.
 */
export function recordsToParquet(
  records: readonly LogRecord[],
  place: { stream: string; shard: number },
  codec: ParquetCodec,
): Uint8Array {
  const isText = records.map((record) => isUtf8(record.data))
  const column = (
    name: string,
    type: ParquetType,
    read: (record: LogRecord, index: number) => unknown,
    nullable = false,
  ): ColumnData => ({ name, type, data: records.map(read), nullable })
  return write(
    [
      column('stream', 'STRING', () => place.stream),
      column('shard', 'INT32', () => place.shard),
      column('sequence', 'INT64', (record) => record.sequence),
      column('partition_key', 'STRING', (record) => record.partitionKey),
      column('arrived_at', 'TIMESTAMP', (record) => record.arrivedAt),
      column(
        'data',
        'STRING',
        (record, index) => (isText[index] ? Buffer.from(record.data).toString('utf8') : null),
        true,
      ),
      column(
        'data_bytes',
        'BYTE_ARRAY',
        (record, index) => (isText[index] ? null : record.data),
        true,
      ),
    ],
    codec,
  )
}

/**
 * Objects as a Parquet file, their fields as columns of these types; what is missing is null, other fields are left out.
 * Fails with `invalid_argument`, naming the column and the value's record, for a field that is not of its type.
 */
export function objectsToParquet(
  values: readonly Readonly<Record<string, unknown>>[],
  columns: Readonly<Record<string, ParquetType>>,
  codec: ParquetCodec,
  nameRecord: (place: number) => string,
): Uint8Array {
  const data = Object.entries(columns).map(([name, type]): ColumnData => {
    const convert = converters[type]
    const cells = values.map((value, place) => {
      const field = value[name]
      if (field === undefined || field === null) return null
      const cell = convert(field)
      if (cell !== undefined) return cell
      throw new MillraceError(
        'invalid_argument',
        `toFiles: column "${name}": expected ${type}, got ${typeof field}, in the value of ${nameRecord(place)}`,
      )
    })
    return { name, type, data: cells, nullable: true }
  })
  return write(data, codec)
}

function write(columnData: ColumnData[], codec: ParquetCodec): Uint8Array {
  const codecs = { none: 'UNCOMPRESSED', gzip: 'GZIP', snappy: 'SNAPPY' } as const
  return new Uint8Array(
    parquetWriteBuffer({
      columnData,
      codec: codecs[codec],
      ...(codec === 'gzip' ? { compressors: { GZIP: (input) => gzipSync(input) } } : {}),
      createdBy: 'millrace',
    }),
  )
}

const int64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n } as const

/** Each returns what the file holds, undefined for a field of another type. */
const converters: Record<ParquetType, (field: unknown) => unknown> = {
  BOOLEAN: (field) => (typeof field === 'boolean' ? field : undefined),
  INT32: (field) => (typeof field === 'number' && (field | 0) === field ? field : undefined),
  INT64: toInt64,
  DOUBLE: (field) => (typeof field === 'number' ? field : undefined),
  STRING: (field) => (typeof field === 'string' ? field : undefined),
  // The library writes the JSON itself, a null beside it would be "no value".
  JSON: (field) => toPlain(field) ?? undefined,
  TIMESTAMP: (field) => {
    const time = typeof field === 'string' ? new Date(field) : field
    return time instanceof Date && !Number.isNaN(time.getTime()) ? time : undefined
  },
  BYTE_ARRAY: (field) => (field instanceof Uint8Array ? field : undefined),
}

function toInt64(field: unknown): bigint | undefined {
  const isWhole =
    typeof field === 'bigint' ||
    (typeof field === 'number' && Number.isSafeInteger(field)) ||
    (typeof field === 'string' && /^-?\d{1,19}$/.test(field))
  if (!isWhole) return undefined
  const whole = BigInt(field)
  return whole >= int64.min && whole <= int64.max ? whole : undefined
}
