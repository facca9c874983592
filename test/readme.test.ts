import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProcess } from './support/run-process.ts'

const root = new URL('..', import.meta.url)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-readme-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('README', () => {
  it('shows lines that run', async () => {
    const readme = await readFile(new URL('README.md', root), 'utf8')
    const code = /```ts\n([\s\S]+?)```/.exec(readme)?.[1] ?? ''
    const file = join(folder, 'example.ts')
    await writeFile(
      file,
      code
        .replace(`'millrace'`, `'${new URL('src/index.ts', root).href}'`)
        .replace(`'.millrace'`, `'${folder}/data'`),
    )
    const process = runProcess(file, [])
    expect([await process.exited, process.errors()]).toEqual([0, ''])
    expect(process.output()).toMatch(
      /^\d+n ERROR payment for order-1 was declined\ndurable: true\n$/,
    )
  })

  it('names the set-up commands that CI runs', async () => {
    const readme = await readFile(new URL('README.md', root), 'utf8')
    const ci = await readFile(new URL('.ci/run', root), 'utf8')
    expect(readme).toContain('npm ci && npm run demo\nnpm ci && npm test\n')
    expect(ci).toContain("'npm ci && npm test'")
  })
})
