import type { Command } from 'commander'
import { z } from 'zod'
import { MillraceError } from '../../base/errors.ts'
import type { NewRecord } from '../../log/new-record.ts'
import { createProducer } from '../../log/producer.ts'
import { putRecords } from '../../log/put-records.ts'
import { type Line, readLines } from '../lines.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'

const maxRecords = 500

/** A hash key is a string of digits: as a JSON number it would lose its last ones. */
const lineSchema = z.strictObject({
  partitionKey: z.string(),
  data: z.string(),
  explicitHashKey: z
    .string()
    .regex(/^\d{1,39}$/)
    .optional(),
})

export function registerPut(stream: Command): void {
  stream
    .command('put <name>')
    .description('put 1 to 500 records from standard input in one call, a JSON object a line')
    .addHelpText(
      'after',
      `
A line: {"partitionKey": "user-7", "data": "text", "explicitHashKey": "0"}; the last one may be left out.
Prints what became of each, in their order:
  {"ok":true,"shard":0,"sequence":"250745796541022208"} or {"ok":false,"code":"...","message":"..."}
Exit code 1 when one of them is not stored. For files and logs use: millrace put

Example:
  echo '{"partitionKey":"user-7","data":"signed in"}' | millrace stream put events`,
    )
    .action((name: string) =>
      withSession(async (session) => {
        const records = await readRecords(process.stdin)
        await using producer = createProducer(session)
        const { failedRecordCount, records: results } = await putRecords(
          { producer },
          { stream: name, records },
        )
        for (const result of results)
          console.log(
            toJson(
              result.ok
                ? result
                : { ok: false, code: result.error.code, message: result.error.message },
            ),
          )
        if (failedRecordCount > 0) process.exitCode = 1
      }),
    )
}

/** Reads all records before any is put, so that a malformed line puts none. */
async function readRecords(input: AsyncIterable<Buffer>): Promise<NewRecord[]> {
  const records: NewRecord[] = []
  for await (const line of readLines(input)) {
    if (line.data.length === 0) continue
    if (records.length === maxRecords)
      throw new MillraceError(
        'limit_exceeded',
        `expected at most ${maxRecords} records, got more; for longer input use: millrace put`,
        { details: { limit: maxRecords } },
      )
    records.push(parseRecord(line))
  }
  return records
}

/** Says which line is wrong and where, without quoting it: payloads do not belong in errors. */
function parseRecord(line: Line): NewRecord {
  const fail = (problem: string) =>
    new MillraceError(
      'invalid_argument',
      `line ${line.number}: expected a JSON object with the strings partitionKey, data and, if wanted, explicitHashKey (digits); ${problem}`,
    )
  let value: unknown
  try {
    value = JSON.parse(line.data.toString('utf8'))
  } catch {
    throw fail('this is no JSON')
  }
  const parsed = lineSchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw fail(`look at: ${issue?.path.join('.') || 'its fields'}`)
  }
  const { partitionKey, data, explicitHashKey } = parsed.data
  return {
    partitionKey,
    data: Buffer.from(data, 'utf8'),
    ...(explicitHashKey !== undefined && { explicitHashKey: BigInt(explicitHashKey) }),
  }
}
