/** Names that files have whoever writes them. */
const common: ReadonlySet<string> = new Set(
  (
    'access error errors messages message syslog stdout stderr out err log logs output app application server ' +
    'service main default debug info warn warning trace current latest all data events event records record ' +
    'daemon system console test tmp sample lines input other old'
  ).split(' '),
)

/**
 * The service that a file's name speaks of, for lines that name none: `zookeeper.log`, `Zookeeper_2k.log`,
 * `payments-2026-11-27.log.1` and `/var/log/postgres/postgres.log` do, `access.log` and a partition key that is no file's
 * name do not (null).
 */
export function serviceOfSource(partitionKey: string): string | null {
  const file = partitionKey.slice(partitionKey.lastIndexOf('/') + 1)
  const match =
    /^([\p{L}\d@_.-]{2,100}?)\.(?:log|out|err|txt|json|jsonl|ndjson)(?:[.-][\d-]{1,20})?(?:\.(?:gz|zst|bz2))?$/iu.exec(
      file,
    )
  let name = match?.[1] ?? ''
  // Rotation numbers, dates and sizes behind the name.
  for (let rest = ''; rest !== name; ) {
    rest = name
    name = name.replace(/[-_.]\d[\dk-]{0,20}$/i, '')
  }
  return /\p{L}{2}/u.test(name) && !common.has(name.toLowerCase()) ? name : null
}
