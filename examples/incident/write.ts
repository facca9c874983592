import { once } from 'node:events'
import { generateIncident } from './generate.ts'

/** Writes the incident that ends now to stdout, as NDJSON: one Fluent Bit record a line. */
for (const { record } of generateIncident({ end: new Date() })) {
  const hasRoom = process.stdout.write(`${JSON.stringify(record)}\n`)
  if (!hasRoom) await once(process.stdout, 'drain')
}
