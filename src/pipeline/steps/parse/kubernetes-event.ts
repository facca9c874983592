import { type Draft, setField } from './draft.ts'
import { timeOf } from './fields.ts'

type Fields = Record<string, unknown>

/** True for a raw Kubernetes Event object. */
export function isKubernetesEvent(record: Fields): boolean {
  return isObject(record.involvedObject) && 'reason' in record
}

/**
 * Reads a Kubernetes Event: `Reason: message`, its object as `object`, WARN or INFO by its type,
 * the time it was last seen. The service is what reported it (`kubelet`, `default-scheduler`).
 */
export function readKubernetesEvent(draft: Draft, record: Fields, arrivedMs: number): void {
  const object = record.involvedObject as Fields
  const metadata = isObject(record.metadata) ? record.metadata : {}
  const times = [
    record.lastTimestamp,
    record.eventTime,
    record.firstTimestamp,
    metadata.creationTimestamp,
  ]
  for (const time of times) {
    const stamp = timeOf(time, arrivedMs)
    if (stamp === null) continue
    draft.at = stamp.ms
    draft.zoned = true
    break
  }
  draft.severity = record.type === 'Warning' ? 13 : 9
  const source = isObject(record.source) ? record.source : {}
  const reporter = source.component ?? record.reportingComponent
  if (typeof reporter === 'string' && reporter !== '') draft.service = reporter
  if (typeof source.host === 'string') draft.host = source.host
  if (typeof object.namespace === 'string') draft.namespace = object.namespace
  const name = String(object.name ?? '')
  if (object.kind === 'Pod' && name !== '') draft.pod = name
  const message = String(record.message ?? record.note ?? '')
  draft.body = `${String(record.reason)}: ${message}`
  setField(draft.attributes, 'object', `${String(object.kind)}/${name}`)
  setField(draft.attributes, 'reason', record.reason)
  if (typeof record.count === 'number') draft.attributes.count = record.count
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
