import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isMillraceError, MillraceError, messageOf } from '../base/errors.ts'
import { pipelinesOf } from '../pipeline/define-config.ts'
import type { Pipeline } from '../pipeline/define-pipeline.ts'
import { logsPipelineName } from '../pipeline/logs-pipeline.ts'

const names = ['millrace.config.ts', 'millrace.config.mjs', 'millrace.config.js']

/**
 * The pipelines of the configuration file: the one named, else millrace.config.ts (.mjs, .js) of the working folder, else
 * the built-in logs pipeline alone. Node runs TypeScript's erasable syntax as it is.
 */
export async function loadPipelines(file: string | undefined): Promise<Pipeline[]> {
  const path =
    file === undefined ? names.map((name) => resolve(name)).find(existsSync) : resolve(file)
  if (path === undefined) return pipelinesOf({ pipelines: [] }, 'the built-in configuration')
  if (!existsSync(path))
    throw new MillraceError(
      'invalid_argument',
      `expected a configuration file at ${path}, found none; check --config or MILLRACE_CONFIG`,
    )
  let loaded: { default?: unknown }
  try {
    loaded = (await import(pathToFileURL(path).href)) as { default?: unknown }
  } catch (error) {
    if (isMillraceError(error)) throw error
    throw new MillraceError(
      'invalid_argument',
      `${path} cannot be loaded${lineOf(error, path)}: ${messageOf(error)}`,
      { cause: error },
    )
  }
  if (loaded.default === undefined)
    throw new MillraceError(
      'invalid_argument',
      `${path}: expected \`export default defineConfig({ pipelines: [...] })\`, found no default export`,
    )
  return pipelinesOf(loaded.default, path)
}

/** Where in the file: a parser's message says what it expected, and only its stack where. */
function lineOf(error: unknown, path: string): string {
  const [, behind = ''] = (error instanceof Error ? (error.stack ?? '') : '').split(path, 2)
  const [, line] = /^:(\d+)/.exec(behind) ?? []
  return line === undefined ? '' : ` (line ${line})`
}

/** The logs pipeline of that configuration; undefined when it has none. */
export async function loadLogsPipeline(file: string | undefined): Promise<Pipeline | undefined> {
  const pipelines = await loadPipelines(file)
  return pipelines.find((pipeline) => pipeline.options.name === logsPipelineName)
}
