import type { Pool } from 'pg'
import { maskBody } from '../../../src/knowledge/mask.ts'
import { createPatternMatcher } from '../../../src/knowledge/match-patterns.ts'
import { patternKey } from '../../../src/knowledge/pattern-key.ts'
import { parseRecord } from '../../../src/pipeline/steps/parse/parse-record.ts'
import { redactEvent } from '../../../src/pipeline/steps/redact/redact-event.ts'
import type { LabelledLine } from './labelled-logs.ts'

const batchSize = 500
const arrivedAt = new Date('2026-01-01T00:00:00Z')

export interface GroupedLines {
  /** The pattern of each line. */
  ids: string[]
  /** The template of each line's pattern, as general as the matcher would make it. */
  templates: string[]
}

/** The pattern of each line, by the product's own path: from the raw line, or from its labelled message alone. */
export async function groupLines(
  deps: { pool: Pool },
  lines: readonly LabelledLine[],
  options: { from: 'raw' | 'content' },
): Promise<GroupedLines> {
  await deps.pool.query('truncate millrace.pattern cascade')
  const matcher = createPatternMatcher(deps)
  const ids: number[] = []
  for (let start = 0; start < lines.length; start += batchSize) {
    const inputs = lines.slice(start, start + batchSize).map((line) => {
      const { service, severity, body } =
        options.from === 'raw'
          ? redactEvent(parseRecord({ data: line.raw, arrivedAt, partitionKey: '' })).event
          : { service: '', severity: 0, body: line.content }
      return { service: service ?? '', severity, shape: maskBody(body).shape, example: body }
    })
    ids.push(...(await matcher.match(inputs)).patternIds)
  }
  const { rows } = await deps.pool.query<{ id: number; template: string }>(
    'select id, template from millrace.pattern',
  )
  const templates = new Map(rows.map((row) => [row.id, patternKey(row.template)]))
  return { ids: ids.map(String), templates: ids.map((id) => templates.get(id) ?? '') }
}
