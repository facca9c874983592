import type { SearchFilters } from './evidence.ts'

/** $1 from, $2 to, $3 services, $4 least severity, $5 streams: the values of a search's filters. */
export function scopeValues(filters: SearchFilters): unknown[] {
  return [
    filters.from,
    filters.to,
    filters.services.length > 0 ? filters.services : null,
    filters.minSeverity,
    filters.streams.length > 0 ? filters.streams : null,
  ]
}

/** True for events `e` inside the filters. */
export const eventInScope = `
       ($1::timestamptz is null or e.at >= $1)
   and ($2::timestamptz is null or e.at < $2)
   and ($3::text[] is null or e.service = any($3))
   and e.severity >= $4::smallint
   and ($5::text[] is null or e.shard_id = any(array(
         select sh.id
           from millrace.shard sh
           join millrace.stream st on st.id = sh.stream_id
          where st.name = any($5))))`

/** True for patterns `p` that the filters allow and that have an event in the window. */
export const patternInScope = `
       ($3::text[] is null or p.service = any($3))
   and p.severity >= $4::smallint
   and exists (
         select
           from millrace.event e
          where e.pattern_id = p.id
            and ${eventInScope.trim()})`
