import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { loadPipelines } from '../../src/cli/load-pipelines.ts'

/** What is said of a configuration with this text, without its path. */
async function problemOf(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-config-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'millrace.config.ts')
  await writeFile(file, text)
  return loadPipelines(file).then(
    () => 'nothing',
    (error: Error) => error.message.replaceAll(file, 'FILE'),
  )
}

it.each([
  ['throws', `\nthrow new Error('boom')\n`, /^FILE cannot be loaded \(line 2\): boom$/],
  ['throws nothing', 'throw null', /^FILE cannot be loaded: null$/],
  ['is cut off', 'export default {\n', /^FILE cannot be loaded/],
  ['imports what is not there', `import './nowhere.ts'\n`, /^FILE cannot be loaded.*nowhere/s],
  ['has no default export', 'export const a = 1\n', /^FILE: expected `export default defineConfig/],
  ['exports a number', 'export default 5\n', /^FILE: expected an object, got 5$/],
  ['exports other keys', 'export default { pipes: [] }\n', /^FILE: pipelines: expected a list/],
])('says of a configuration that %s where it is wrong', async (_, text, message) => {
  expect(await problemOf(text)).toMatch(message)
})
