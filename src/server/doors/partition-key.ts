import { MillraceError } from '../../base/errors.ts'

const maxCharacters = 256

/** Fields that name the source of a record, the finest first: records of one source keep their order. */
const sourceFields: readonly (readonly string[])[] = [
  ['kubernetes', 'pod_name'],
  ['pod_name'],
  ['pod'],
  ['k8s.pod.name'],
  ['service', 'instance', 'id'],
  ['service.instance.id'],
  ['host'],
  ['host', 'name'],
  ['host.name'],
  ['hostname'],
  ['_HOSTNAME'],
  ['service'],
  ['service', 'name'],
  ['service.name'],
  ['app'],
]

/** True for what a stream takes as a partition key: 1 to 256 characters (code points), none of them NUL. */
export function isPartitionKey(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) return false
  return value.length <= maxCharacters || [...value].length <= maxCharacters
}

/** The partition key that a record names by itself; undefined when it names none. */
export function partitionKeyOf(record: unknown): string | undefined {
  if (!isObject(record)) return undefined
  for (const path of sourceFields) {
    let value: unknown = record
    for (const name of path)
      value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
    if (isPartitionKey(value)) return value
  }
  return undefined
}

/** Checks a key that the sender chose. Fails with `invalid_argument`. */
export function checkPartitionKey(key: unknown, from: string): string {
  if (isPartitionKey(key)) return key
  throw new MillraceError(
    'invalid_argument',
    `expected ${from} to be a partition key of 1 to ${maxCharacters} characters without NUL`,
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
