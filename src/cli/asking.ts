import type { Pool } from 'pg'
import { remember } from '../base/remember.ts'
import { countBehind, readLag } from '../pipeline/lag.ts'
import { logsPipelineName } from '../pipeline/logs-pipeline.ts'
import { redactText } from '../pipeline/steps/redact/redact-text.ts'
import { readRedactionSalt } from '../pipeline/steps/redact/redaction-salt.ts'
import { type Answer, type AskDeps, ask } from '../query/ask.ts'
import { createModelAnswerer } from '../query/model-answer.ts'
import type { AskEvent, AskInput as ServerAskInput, StatusReport } from '../server/ports.ts'
import type { Assistant } from './assistant.ts'
import type { Session } from './session.ts'
import { readVersion } from './version.ts'

/** What `ask` needs, from the configuration. */
export function createAskDeps(
  session: Session,
  assistant: Assistant,
  options: { useModel?: boolean } = {},
): AskDeps {
  const { config, logger, pool } = session
  const { useModel = true } = options
  return {
    pool,
    logger,
    embedder: assistant.embedder,
    model: assistant.model,
    meanings: assistant.meanings,
    vocabulary: assistant.vocabulary,
    ...(config.answerModel && useModel
      ? { answerer: createModelAnswerer(config.answerModel, { logger }) }
      : {}),
    countUnindexed: () => countBehind({ pool }, logsPipelineName),
    redact: createRedactor({ pool }),
  }
}

/** Redacts as the logs pipeline does in this database. */
function createRedactor(deps: { pool: Pool }): (text: string) => Promise<string> {
  const salt = remember(() => readRedactionSalt(deps))
  return async (text) => redactText(text, { salt: await salt() }).text
}

/** `ask` as the server calls it. */
export function createAskPort(session: Session, assistant: Assistant) {
  const deps = createAskDeps(session, assistant)
  return (input: ServerAskInput, onEvent?: (event: AskEvent) => void): Promise<Answer> =>
    ask(deps, input, onEvent)
}

/** What the page's status line says. */
export async function readStatus(session: Session, assistant: Assistant): Promise<StatusReport> {
  const { config, database, pool } = session
  const lag = await readLag({ pool }, logsPipelineName)
  let indexed = 0
  for (const stream of lag) indexed += stream.records - stream.behind
  return {
    engine: database.engine,
    version: readVersion(),
    streams: lag.map(({ stream, shards, records, behind }) => ({
      name: stream,
      shards,
      records,
      lagRecords: behind,
    })),
    indexed,
    answerModel: config.answerModel?.model ?? null,
    embeddingModel: assistant.embedder.id,
  }
}
