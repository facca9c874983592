/** What a record may carry as a remark on itself: it is kept all the same. */
export type ParseMark = 'not_utf8' | 'empty' | 'broken_json' | 'truncated'

/** An event while its record is being read: null and 0 mean that nothing said so yet. */
export interface Draft {
  /** Milliseconds since 1970. */
  at: number | null
  /** The time named its zone, or is an epoch. */
  zoned: boolean
  severity: number
  service: string | null
  host: string | null
  pod: string | null
  namespace: string | null
  traceId: string | null
  spanId: string | null
  body: string | null
  attributes: Record<string, unknown>
  marks: Set<ParseMark>
  /** The line as a program wrote it, where neither a time nor a level opens it: it may continue the one before. */
  loose: string | null
  /** Who wrote the line, by what wraps it (pod, container, stream, file); empty for a line on its own. */
  origin: string
}

/** Reads one line into a draft of its own: how a format hands on the line that it wraps. */
export type ReadLine = (text: string) => Draft

/** A draft that nothing was read into. */
export function newDraft(): Draft {
  return {
    at: null,
    zoned: false,
    severity: 0,
    service: null,
    host: null,
    pod: null,
    namespace: null,
    traceId: null,
    spanId: null,
    body: null,
    attributes: {},
    marks: new Set(),
    loose: null,
    origin: '',
  }
}

/** Takes over a wrapped line that may continue another, with the wrapping's own name for who wrote it. */
export function setLoose(
  outer: Draft,
  inner: Draft,
  ...origin: (string | null | undefined)[]
): void {
  outer.loose = inner.loose
  outer.origin = [...origin, inner.origin].map((name) => name ?? '').join('/')
}

/** Sets a field as data, whatever its name: `__proto__` too is only a name. */
export function setField(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  } else {
    target[key] = value
  }
}

/**
 * Joins the line that a record wraps into the record's draft. The wrapping names who spoke
 * (service, host, pod); the line names what happened (severity, ids, body). The line's time wins
 * unless only the wrapping's has a zone.
 */
export function mergeInner(outer: Draft, inner: Draft): void {
  if (inner.at !== null && (inner.zoned || outer.at === null || !outer.zoned)) {
    outer.at = inner.at
    outer.zoned = inner.zoned
  }
  if (inner.severity !== 0) outer.severity = inner.severity
  for (const key of Object.keys(inner.attributes)) {
    setField(outer.attributes, key, inner.attributes[key])
  }
  for (const key of ['service', 'host', 'pod', 'namespace'] as const) {
    const value = inner[key]
    if (value === null) continue
    if (outer[key] === null) outer[key] = value
    else if (outer[key] !== value) setField(outer.attributes, key, value)
  }
  outer.traceId = inner.traceId ?? outer.traceId
  outer.spanId = inner.spanId ?? outer.spanId
  if (inner.body !== null && inner.body !== '') outer.body = inner.body
  for (const mark of inner.marks) outer.marks.add(mark)
}
