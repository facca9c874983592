// In a project of your own: import ... from 'millrace'
import {
  aggregate,
  defineConfig,
  definePipeline,
  filter,
  MillraceError,
  map,
  parse,
  step,
  toStream,
  toTable,
} from '../../src/index.ts'

const windowMs = 10_000
const worthAnAlert = 5
const webhookUrl = process.env.ALERT_WEBHOOK ?? 'http://127.0.0.1:8099/'

interface Rate {
  window_start: string
  service: string
  lines: number
  errors: number
}

/** Counts lines and errors by service in windows of ten seconds, into a table and a stream. */
const rates = definePipeline({ name: 'error-rates', stream: 'shop' })
  .step(parse())
  // A stack trace whose lines come in several batches is one event, which was counted with its first.
  .step(filter((event) => event.continues === undefined))
  .step(
    aggregate({
      windowMs,
      key: (event) => event.service ?? 'unknown',
      initial: () => ({ lines: 0, errors: 0 }),
      add: (state, event) => ({
        lines: state.lines + 1,
        errors: state.errors + (event.severity >= 17 ? 1 : 0),
      }),
      result: (state, window): Rate => ({
        window_start: window.start.toISOString(),
        service: window.key,
        ...state,
      }),
    }),
  )
  .to(
    toTable({
      table: 'error_rate',
      columns: { window_start: 'timestamptz', service: 'text', lines: 'bigint', errors: 'bigint' },
      key: ['window_start', 'service'],
      // A service whose lines are in several shards has a count from each.
      onConflict: { add: ['lines', 'errors'] },
    }),
    toStream({ stream: 'error-rates' }),
  )

/**
 * Tells a webhook. The stream is the outbox: a receiver that is down loses nothing, the breaker waits for it. A call can
 * come twice after a crash, so it carries a key by which the receiver knows it again.
 */
const notify = step(
  'webhook',
  async (alerts: readonly Rate[], { records, stream, shard, signal }) => {
    for (const [index, alert] of alerts.entries()) {
      const response = await fetch(webhookUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': `${stream}/${shard}/${records[index]?.sequence}`,
        },
        body: JSON.stringify(alert),
        signal,
      })
      if (!response.ok)
        throw new MillraceError('downstream_unavailable', `it answered ${response.status}`, {
          retryable: response.status === 429 || response.status >= 500,
        })
    }
    return alerts
  },
  { timeoutMs: 10_000, retry: { attempts: 3 } },
)

/** Windows with many errors, and nothing else, reach the webhook and the table of alerts. */
const alerts = definePipeline({
  name: 'error-alerts',
  stream: 'error-rates',
  batch: { records: 10 },
  filters: [{ data: { errors: [{ numeric: ['>=', worthAnAlert] }] } }],
})
  .step(map((record) => JSON.parse(record.data.toString()) as Rate))
  .step(notify)
  .to(
    toTable({
      table: 'alert',
      columns: { window_start: 'timestamptz', service: 'text', lines: 'bigint', errors: 'bigint' },
    }),
  )

export default defineConfig({ pipelines: [rates, alerts], logs: false })
