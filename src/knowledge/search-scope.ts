import type { SearchFilters } from './evidence.ts'

/** Adds a value to a statement's and returns its placeholder. */
export type Bind = (value: unknown) => string

export function bindTo(values: unknown[]): Bind {
  return (value) => `$${values.push(value)}`
}

/** True for events `e` inside the filters; one that is not set is no condition. */
export function eventInScope(filters: SearchFilters, bind: Bind): string {
  const { from, to, services, minSeverity, maxSeverity, streams } = filters
  return [
    ...(from ? [`e.at >= ${bind(from)}::timestamptz`] : []),
    ...(to ? [`e.at < ${bind(to)}::timestamptz`] : []),
    ...(services.length > 0 ? [`e.service = any(${bind(services)}::text[])`] : []),
    ...(minSeverity > 0 ? [`e.severity >= ${bind(minSeverity)}::smallint`] : []),
    ...(maxSeverity !== undefined ? [`e.severity <= ${bind(maxSeverity)}::smallint`] : []),
    ...(streams.length > 0 ? [inStreams('e', streams, bind)] : []),
    ...isNamed(filters, bind),
    'true',
  ].join('\n   and ')
}

/** True for filters that single out a host, a pod or a trace: only the events themselves know of those. */
export function singlesOut(filters: Origin): boolean {
  return (filters.host ?? filters.pod ?? filters.traceId) !== undefined
}

type Origin = Pick<SearchFilters, 'host' | 'pod' | 'traceId'>

/** An event's host, pod and trace are among its terms, whose index finds them; the column says which of the three it is. */
function isNamed({ host, pod, traceId }: Origin, bind: Bind): string[] {
  const given = { host, pod, trace_id: traceId }
  return Object.entries(given).flatMap(([column, value]) => {
    if (value === undefined) return []
    const lower = bind(value.toLowerCase())
    // Spelled alike, as it mostly is, it need not be lowered; and the planner knows how many there are.
    const same = `(e.${column} = ${bind(value)}::text or lower(e.${column}) = ${lower}::text)`
    return [`e.terms @> array[${lower}::text]`, same]
  })
}

/** True for rows of `table` whose shard is one of these streams'. */
export function inStreams(table: string, streams: readonly string[], bind: Bind): string {
  return `${table}.shard_id = any(array(
         select sh.id
           from millrace.shard sh
           join millrace.stream st on st.id = sh.stream_id
          where st.name = any(${bind(streams)}::text[])))`
}

/** True for patterns `p` of the services and severities: a pattern has one of each, which all its events share. */
export function patternAllowed(
  filters: Pick<SearchFilters, 'services' | 'minSeverity' | 'maxSeverity'>,
  bind: Bind,
): string {
  const { services, minSeverity, maxSeverity } = filters
  return [
    ...(services.length > 0 ? [`p.service = any(${bind(services)}::text[])`] : []),
    ...(minSeverity > 0 ? [`p.severity >= ${bind(minSeverity)}::smallint`] : []),
    ...(maxSeverity !== undefined ? [`p.severity <= ${bind(maxSeverity)}::smallint`] : []),
    'true',
  ].join('\n   and ')
}
