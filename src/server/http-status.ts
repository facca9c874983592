import type { ErrorCode } from '../base/errors.ts'

/** The status of each error. Senders re-send on 5xx and drop on 4xx, so only what is wrong with the data is a 4xx. */
const statuses = {
  aborted: 503,
  already_exists: 409,
  conflict: 503,
  data_dir_locked: 503,
  database_rejected: 500,
  database_unavailable: 503,
  database_unsupported: 500,
  disk_full: 503,
  downstream_unavailable: 503,
  embedder_rejected: 502,
  embedder_unavailable: 503,
  internal: 500,
  invalid_argument: 400,
  iterator_expired: 400,
  limit_exceeded: 413,
  migration_refused: 500,
  model_unavailable: 503,
  not_found: 404,
  resource_in_use: 409,
  step_failed: 500,
  throughput_exceeded: 503,
} as const satisfies Record<ErrorCode, number>

export function statusOf(code: ErrorCode): number {
  return statuses[code]
}

/** Seconds after which the same request may succeed; null where no wait helps. */
export function retryAfterSecondsOf(code: ErrorCode): number | null {
  if (statuses[code] !== 503) return null
  if (code === 'throughput_exceeded' || code === 'conflict') return 1
  return code === 'disk_full' ? 30 : 5
}
