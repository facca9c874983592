import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { MillraceError } from '../base/errors.ts'
import { validate } from '../base/validate.ts'
import { parseCitation } from '../log/citation.ts'
import type { NeighboursPort, StatusReport } from './ports.ts'

const aroundSchema = z.strictObject({
  /** Records before and after the cited one. Default 5, at most 100. */
  around: z.coerce.number().int().min(0).max(100).default(5),
})

const maxSequence = 2n ** 63n - 1n

/**
 * What the page reads. `GET /api/records/:stream/:shard/:sequence?around=5`: a cited record among its neighbours, 404
 * when there is none. `GET /api/status`: what the server holds and by what it answers.
 */
export function routeReads(
  app: FastifyInstance,
  deps: { neighbours: NeighboursPort; status: () => Promise<StatusReport> },
): void {
  app.get<{ Params: { stream: string; shard: string; sequence: string } }>(
    '/api/records/:stream/:shard/:sequence',
    async (request) => {
      const { stream, shard, sequence } = request.params
      const { around } = validate(aroundSchema, request.query, 'the query')
      const text = `${stream}/${shard}/${sequence}`
      const citation = parseCitation(text)
      const records = citation.sequence > maxSequence ? [] : await deps.neighbours(citation, around)
      if (!records.some((record) => record.isTarget))
        throw new MillraceError(
          'not_found',
          `there is no record ${text}: its stream may have let go of it by now`,
        )
      return { records }
    },
  )
  app.get('/api/status', () => deps.status())
}
