import { resolve } from 'node:path'
import { z } from 'zod'
import { MillraceError } from './errors.ts'
import { logLevels } from './logger.ts'
import { validate } from './validate.ts'

const optionalText = z.string().trim().optional()

const environmentSchema = z.object({
  DATABASE_URL: optionalText.refine(
    (url) => url === undefined || /^(postgres(ql)?:\/\/|socket:)/.test(url),
    'expected a URL that starts with postgres:// (or no value, for the embedded engine)',
  ),
  MILLRACE_DIR: z.string().min(1).default('.millrace'),
  MILLRACE_LOG_LEVEL: z.enum(logLevels).default('warn'),
  MILLRACE_HOST: z.string().min(1).default('127.0.0.1'),
  MILLRACE_PORT: z.coerce.number().int().min(0).max(65_535).default(4318),
  MILLRACE_CONFIG: optionalText,
  MILLRACE_EVENT_RETENTION_HOURS: z
    .string()
    .trim()
    .regex(/^(never|[1-9][0-9]{0,5})$/, 'expected whole hours (at least 1), or never')
    .default('720'),
  MILLRACE_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
  OPENAI_API_KEY: optionalText,
  OPENAI_BASE_URL: optionalText.refine(
    (url) => url === undefined || URL.canParse(url),
    'expected a URL such as http://127.0.0.1:11434/v1',
  ),
  OPENAI_MODEL: z.string().trim().min(1).default('gpt-5-mini'),
  OPENAI_EMBEDDING_MODEL: optionalText,
  OPENAI_EMBEDDING_DIMENSIONS: z.coerce.number().int().min(1).max(4000).optional(),
  OPENAI_EMBEDDING_BATCH: z.coerce.number().int().min(1).max(2048).default(2048),
})

export interface ProviderConfig {
  apiKey: string | undefined
  baseUrl: string | undefined
}

export interface Config {
  /** Native Postgres; undefined selects the embedded engine in `dir`. */
  databaseUrl: string | undefined
  /** Where the embedded engine keeps its data, absolute. Default `.millrace` in the working folder. */
  dir: string
  logLevel: (typeof logLevels)[number]
  host: string
  port: number
  /** The file that defines the pipelines; undefined looks for millrace.config.ts in the working folder. */
  configFile: string | undefined
  /** How long events are kept after their arrival, in hours, and patterns without events. Default 720: 30 days. */
  eventRetentionHours: number | 'never'
  /** Shards that one process works at the same time. Default 4. */
  concurrency: number
  /** The answering model; undefined means extractive answers. */
  answerModel: (ProviderConfig & { model: string }) | undefined
  /** The embedding model; undefined means the built-in one. */
  embeddingModel:
    | (ProviderConfig & {
        model: string
        dimensions: number | undefined
        /** Texts in one request. Default 2,048, OpenAI's limit; a local server on a CPU needs fewer to answer in time. */
        maxInputs: number
      })
    | undefined
}

/**
 * Reads the configuration from the environment: the only place that does.
 * Fails with `invalid_argument`, naming the variable, what was expected and what to do.
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  // An empty variable is one that was not set, as shells and compose files have it.
  const set = Object.entries(environment).filter(([, value]) => value?.trim() !== '')
  const env = validate(environmentSchema, Object.fromEntries(set), 'environment')
  const provider = { apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL }
  const hasProvider = provider.apiKey !== undefined || provider.baseUrl !== undefined
  if (env.OPENAI_EMBEDDING_MODEL !== undefined && !hasProvider)
    throw new MillraceError(
      'invalid_argument',
      'environment: OPENAI_EMBEDDING_MODEL needs OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own; unset it to use the built-in model',
    )
  return {
    databaseUrl: env.DATABASE_URL,
    dir: resolve(env.MILLRACE_DIR),
    logLevel: env.MILLRACE_LOG_LEVEL,
    host: env.MILLRACE_HOST,
    port: env.MILLRACE_PORT,
    configFile: env.MILLRACE_CONFIG,
    eventRetentionHours:
      env.MILLRACE_EVENT_RETENTION_HOURS === 'never'
        ? 'never'
        : Number(env.MILLRACE_EVENT_RETENTION_HOURS),
    concurrency: env.MILLRACE_CONCURRENCY,
    answerModel: hasProvider ? { ...provider, model: env.OPENAI_MODEL } : undefined,
    embeddingModel:
      env.OPENAI_EMBEDDING_MODEL === undefined
        ? undefined
        : {
            ...provider,
            model: env.OPENAI_EMBEDDING_MODEL,
            dimensions: env.OPENAI_EMBEDDING_DIMENSIONS,
            maxInputs: env.OPENAI_EMBEDDING_BATCH,
          },
  }
}
