import type { Pool } from 'pg'
import { wait } from '../../base/backoff.ts'
import { isMillraceError, MillraceError, messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { toMillraceError } from '../../db/sqlstate.ts'
import { type OpenPipeline, openPipeline } from '../batch/open-pipeline.ts'
import type { Pipeline } from '../define-pipeline.ts'
import type { Resources } from '../step.ts'
import { noteUnopened } from './checkpoint.ts'
import { registerPipeline } from './register-pipeline.ts'
import type { Roster } from './roster.ts'

/** A pipeline that may run now. */
export interface RunningPipeline {
  open: OpenPipeline
  /** The definition's name: a replay runs another's. */
  source: string
  revision: number
}

export interface PipelineSet {
  /** Names of the definitions that were registered; the others were refused. */
  readonly names: readonly string[]
  readonly refused: readonly { name: string; error: MillraceError }[]
  /** Names that this worker can run: not what was deleted, superseded, or cannot be opened here. */
  able(): string[]
  /** Brings what can be run up to date with the roster: replays, pauses, deletions, definitions of newer workers. */
  update(roster: Roster): Promise<void>
  /** The pipelines that may run now, by the name that they run under. */
  running(): ReadonlyMap<string, RunningPipeline>
}

/** One that could not be opened is tried again after this long. */
const retryOpenMs = 5_000
/** Most time that opening may take, and most that others wait for it. */
const openMs = 60_000
const waitForOpenMs = 2_000

/** A pipeline as this process opened it, or tries to. */
interface Opening {
  pipeline: OpenPipeline | undefined
  failedAt: number | undefined
  settled: Promise<void>
}

/**
 * The pipelines that one worker can run. One that is refused, cannot be opened, hangs in opening, or was replaced by a
 * newer worker's definition says so, and stops no other; nor does it keep other workers from running it.
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
  /** By name, revision and streams: a replay may be made anew under its name. */
  let openings = new Map<string, Opening>()
  let running = new Map<string, RunningPipeline>()
  let unable = new Set<string>()

  const open = (name: string, pipeline: Pipeline): Opening => {
    const opening: Opening = {
      pipeline: undefined,
      failedAt: undefined,
      settled: Promise.resolve(),
    }
    opening.settled = openInTime(pipeline, { ...deps, pipeline: name })
      .then((one) => {
        opening.pipeline = one
      })
      .catch(async (error: unknown) => {
        // What it needs is not here, now; another worker may have it, and a later look tries again.
        opening.failedAt = performance.now()
        logger.error({ pipeline: name, error: messageOf(error) }, 'pipeline.not_opened')
        await noteUnopened(deps, name, messageOf(error)).catch(() => undefined)
      })
    return opening
  }

  const forgetReplaced = (roster: Roster) => {
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
  }

  const update = async (roster: Roster) => {
    forgetReplaced(roster)
    const wanted = new Map<string, Omit<RunningPipeline, 'open'> & { opening: Opening }>()
    const kept = new Map<string, Opening>()
    for (const row of roster.pipelines) {
      const source = row.replayOf ?? row.name
      const definition = known.get(source)?.pipeline
      if (!definition) continue
      const streams = row.definition?.streams ?? definition.options.streams
      const key = JSON.stringify([row.name, row.revision, streams])
      const before = openings.get(key)
      const isDue =
        before?.failedAt !== undefined && performance.now() - before.failedAt > retryOpenMs
      const opening =
        before && !isDue
          ? before
          : open(row.name, {
              ...definition,
              options: { ...definition.options, name: row.name, streams },
            })
      kept.set(key, opening)
      if (row.state === 'running' && row.isReady)
        wanted.set(row.name, { source, revision: row.revision, opening })
    }
    openings = kept
    const settled = Promise.all([...kept.values()].map((opening) => opening.settled))
    await Promise.race([settled, wait(waitForOpenMs)])
    running = new Map()
    for (const [name, { opening, ...row }] of wanted)
      if (opening.pipeline) running.set(name, { ...row, open: opening.pipeline })
    unable = new Set(
      roster.pipelines
        .filter((row) => {
          const streams = row.definition?.streams ?? known.get(row.name)?.pipeline.options.streams
          return kept.get(JSON.stringify([row.name, row.revision, streams]))?.failedAt !== undefined
        })
        .map((row) => row.name),
    )
  }

  return {
    names: [...known.keys()],
    refused,
    able: () =>
      [...new Set([...known.keys(), ...running.keys()])].filter((name) => !unable.has(name)),
    update,
    running: () => running,
  }
}

async function openInTime(pipeline: Pipeline, resources: Resources): Promise<OpenPipeline> {
  const late = new AbortController()
  try {
    return await Promise.race([
      openPipeline(pipeline, resources),
      wait(openMs, late.signal).then(() => {
        throw new MillraceError(
          'step_failed',
          `pipeline "${resources.pipeline}" was not opened within ${openMs} ms`,
        )
      }),
    ])
  } finally {
    late.abort()
  }
}
