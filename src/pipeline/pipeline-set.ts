import type { Pool } from 'pg'
import { isMillraceError, MillraceError, messageOf } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import { toMillraceError } from '../db/sqlstate.ts'
import { noteUnopened } from './checkpoint.ts'
import type { Pipeline } from './define-pipeline.ts'
import { type OpenPipeline, openPipeline } from './open-pipeline.ts'
import { registerPipeline } from './register-pipeline.ts'
import type { Roster } from './roster.ts'
import type { Resources } from './step.ts'

export interface PipelineSet {
  /** Names of the definitions that were registered; the others were refused. */
  readonly names: readonly string[]
  readonly refused: readonly { name: string; error: MillraceError }[]
  /** Brings what can be run up to date with the roster: replays, pauses, deletions, definitions of newer workers. */
  update(roster: Roster): Promise<void>
  /** The pipelines that may run now, by the name that they run under. */
  running(): ReadonlyMap<string, OpenPipeline>
}

/** A pipeline that could not be opened is tried again after this long. */
const retryOpenMs = 5_000

/**
 * The pipelines that one worker can run. One that is refused, cannot be opened, or was replaced by a newer worker's
 * definition says so, and stops no other.
 */
export async function createPipelineSet(
  deps: { pool: Pool; logger: Logger; embedding: Resources['embedding'] },
  pipelines: readonly Pipeline[],
): Promise<PipelineSet> {
  const { logger } = deps
  const known = new Map<string, { pipeline: Pipeline; revision: number }>()
  const refused: { name: string; error: MillraceError }[] = []
  for (const pipeline of pipelines) {
    const { name } = pipeline.options
    if (known.has(name))
      throw new MillraceError('invalid_argument', `two pipelines are called "${name}"; rename one`)
    try {
      const { revision, outcome } = await registerPipeline(deps, pipeline)
      known.set(name, { pipeline, revision })
      if (outcome !== 'unchanged') logger.info({ pipeline: name, revision }, `pipeline.${outcome}`)
    } catch (error) {
      if (!isMillraceError(error, 'conflict') || error.retryable)
        throw toMillraceError(error, `registering pipeline "${name}"`)
      logger.error({ pipeline: name, error: error.message }, 'pipeline.refused')
      refused.push({ name, error })
    }
  }
  const opened = new Map<string, OpenPipeline>()
  const retryOpenAt = new Map<string, number>()
  let running = new Map<string, OpenPipeline>()

  const open = async (row: Roster['pipelines'][number], pipeline: Pipeline) => {
    const known = opened.get(row.name)
    if (known) return known
    if (performance.now() < (retryOpenAt.get(row.name) ?? 0)) return undefined
    const options = {
      ...pipeline.options,
      name: row.name,
      streams: row.definition?.streams ?? pipeline.options.streams,
    }
    try {
      const one = await openPipeline({ ...pipeline, options }, { ...deps, pipeline: row.name })
      opened.set(row.name, one)
      return one
    } catch (error) {
      // What it needs is not here, now; another worker may have it, and a later look tries again.
      logger.error({ pipeline: row.name, error: messageOf(error) }, 'pipeline.not_opened')
      retryOpenAt.set(row.name, performance.now() + retryOpenMs)
      await noteUnopened(deps, row.name, messageOf(error))
      return undefined
    }
  }

  const update = async (roster: Roster) => {
    const next = new Map<string, OpenPipeline>()
    for (const [name, { revision }] of known) {
      const row = roster.pipelines.find((pipeline) => pipeline.name === name)
      if (row?.revision === revision) continue
      known.delete(name)
      if (row)
        logger.error(
          { pipeline: name, revision, newer: row.revision },
          'pipeline.superseded: a worker has registered another definition; restart this one with it',
        )
      else logger.warn({ pipeline: name }, 'pipeline.deleted')
    }
    for (const row of roster.pipelines) {
      const source = known.get(row.replayOf ?? row.name)
      if (!source || row.state === 'paused' || !row.isReady) continue
      const pipeline = await open(row, source.pipeline)
      if (pipeline) next.set(row.name, pipeline)
    }
    for (const name of opened.keys())
      if (!roster.pipelines.some((row) => row.name === name)) opened.delete(name)
    running = next
  }

  return { names: [...known.keys()], refused, update, running: () => running }
}
