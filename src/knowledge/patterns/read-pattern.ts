import type { Pool } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import { countByPattern } from '../count-events.ts'
import type { SearchFilters } from '../evidence.ts'
import { type FoundEvent, findEventsByPattern } from '../search-events.ts'

export interface WholePattern {
  patternId: number
  service: string
  severity: number
  template: string
  /** The first line that was seen of it, redacted. */
  example: string
  /** How often the template was generalised since. */
  generalised: number
  /** Shapes of lines that are this pattern. */
  shapes: number
  createdAt: Date
  /** Events inside the filters, with the first and last of them; null where there is none. */
  count: number
  first: Date | null
  last: Date | null
  /** The latest of them, the newest first. */
  latest: FoundEvent[]
}

/**
 * A pattern with its counts and its latest lines inside the window and streams; the filters' services and severities do
 * not matter, it has one of each. Fails with `not_found` when there is no such pattern.
 */
export async function readPattern(
  deps: { pool: Pool },
  input: { patternId: number; filters: Pick<SearchFilters, 'from' | 'to' | 'streams'> },
  options: { lines: number },
): Promise<WholePattern> {
  const { patternId } = input
  const filters = { ...input.filters, services: [], minSeverity: 0 }
  const { rows } = await deps.pool.query<Omit<WholePattern, 'count' | 'first' | 'last' | 'latest'>>(
    `select p.id as "patternId", p.service, p.severity, p.template, p.example,
            p.version - 1 as generalised, p.created_at as "createdAt",
            (select count(*)::int from millrace.pattern_shape s where s.pattern_id = p.id) as shapes
       from millrace.pattern p
      where p.id = $1`,
    [patternId],
  )
  const [pattern] = rows
  if (!pattern)
    throw new MillraceError(
      'not_found',
      `there is no pattern ${patternId}; \`millrace patterns\` lists those there are`,
      { details: { patternId } },
    )
  const patternIds = [patternId]
  const [counted] = await countByPattern(deps, { patternIds, filters })
  const latest =
    options.lines > 0
      ? await findEventsByPattern(deps, { patternIds, filters }, { limit: options.lines })
      : []
  const { count, first, last } = counted ?? { count: 0, first: null, last: null }
  return { ...pattern, count, first, last, latest }
}
