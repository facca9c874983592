import { type Draft, mergeInner, newDraft, type ReadLine, setField, setLoose } from './draft.ts'
import { readFields, timeOf } from './fields.ts'
import { readShippedFields } from './shipped-fields.ts'

type Fields = Record<string, unknown>

/** What the collector adds to a record for itself; the rest of a record is the program's. */
const wrapping: ReadonlySet<string> = new Set(
  'kubernetes log stream time date logtag @timestamp timestamp docker tag file source_type'.split(
    ' ',
  ),
)

/** Labels that name a program, the surest first. */
const appLabels = ['app.kubernetes.io/name', 'app_kubernetes_io/name', 'app', 'k8s-app'] as const

/** Labels that change with every deployment and say nothing to a person. */
const noiseLabels =
  /^(?:pod-template-(?:hash|generation)|controller-revision-hash|statefulset\.kubernetes\.io\/)/

/**
 * True for a container's line as Fluent Bit, Fluentd, Filebeat, Vector or Docker ship it: with a
 * `kubernetes` object, or with `log` beside `stream` or a time.
 */
export function isContainerLine(record: Fields): boolean {
  if (isObject(record.kubernetes)) return true
  if (typeof record.log !== 'string') return false
  return 'stream' in record || 'date' in record || ('time' in record && !('level' in record))
}

/**
 * Reads a container's line: the pod names who spoke and the collector's clock says when; the line
 * in `log` is read by all formats again, or the fields that the collector merged from it are.
 */
export function readContainerLine(
  draft: Draft,
  record: Fields,
  arrivedMs: number,
  readLine: ReadLine,
): void {
  for (const name of ['time', '@timestamp', 'timestamp', 'date']) {
    const stamp = timeOf(record[name], arrivedMs)
    if (stamp === null) continue
    draft.at = stamp.ms
    draft.zoned = stamp.zoned
    break
  }
  if (isObject(record.kubernetes)) setPod(draft, record.kubernetes)
  if (typeof record.stream === 'string') draft.attributes.stream = record.stream
  if (record.logtag === 'P') draft.attributes.partial = true
  const log = record.log
  const fields = isObject(log) ? log : mergedFields(record)
  if (typeof log === 'string') {
    const text = trimLine(log)
    const line = readLine(text)
    setLoose(draft, line, draft.pod, containerOf(draft), String(record.stream ?? ''))
    mergeInner(draft, line)
    if (text.startsWith('{') || Object.keys(fields).length === 0) return
    const added = newDraft()
    readFields(added, fields, arrivedMs)
    added.body = null
    mergeInner(draft, added)
  } else if (Object.keys(fields).length > 0) {
    const merged = newDraft()
    readShippedFields(merged, fields, arrivedMs, readLine)
    mergeInner(draft, merged)
  }
}

/** The program's own fields: beside the collector's, or all under one key (`Merge_Log_Key`). */
function mergedFields(record: Fields): Fields {
  const fields: Fields = {}
  let last: unknown
  for (const key of Object.keys(record)) {
    if (wrapping.has(key)) continue
    last = record[key]
    setField(fields, key, last)
  }
  return isObject(last) && Object.keys(fields).length === 1 ? last : fields
}

function containerOf(draft: Draft): string {
  return String(draft.attributes.container ?? '')
}

function setPod(draft: Draft, kubernetes: Fields): void {
  const read = (...names: string[]): string | null => {
    for (const name of names) {
      let value: unknown = kubernetes
      for (const step of name.split('.')) value = isObject(value) ? value[step] : undefined
      if (typeof value === 'string' && value !== '' && value.length <= 256) return value
    }
    return null
  }
  draft.pod = read('pod_name', 'pod.name')
  draft.namespace = read('namespace_name', 'pod_namespace', 'namespace')
  draft.host = read('host', 'pod_node_name', 'node.name')
  const container = read('container_name', 'container.name')
  const labels = kubernetes.labels ?? kubernetes.pod_labels
  draft.service = serviceOf(labels) ?? container
  if (container !== null) draft.attributes.container = container
  const image = read('container_image')
  if (image !== null) draft.attributes.image = image
  const kept = keptLabels(labels)
  if (Object.keys(kept).length > 0) draft.attributes.labels = kept
}

function serviceOf(labels: unknown): string | null {
  if (!isObject(labels)) return null
  for (const name of appLabels) {
    const value = labels[name]
    if (typeof value === 'string' && value !== '' && value.length <= 256) return value
  }
  return null
}

function keptLabels(labels: unknown): Fields {
  const kept: Fields = {}
  if (!isObject(labels)) return kept
  for (const key of Object.keys(labels)) {
    if (!noiseLabels.test(key)) setField(kept, key, labels[key])
  }
  return kept
}

function trimLine(text: string): string {
  let end = text.length
  while (end > 0 && (text.charCodeAt(end - 1) === 10 || text.charCodeAt(end - 1) === 13)) end -= 1
  return text.slice(0, end)
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
