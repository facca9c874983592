import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { platform } from 'node:process'
import { expect, test } from 'vitest'
import { openEmbedded } from '../../../src/db/embedded/open-embedded.ts'
import { silent, testDir } from './embedded-database.ts'

const open = (dir: string) => openEmbedded({ logger: silent }, { dir })

test('a file is no data folder', async () => {
  const file = join(await testDir('empty'), 'file')
  writeFileSync(file, '')
  await expect(open(file)).rejects.toMatchObject({ code: 'invalid_argument' })
  await expect(open(join(file, 'below'))).rejects.toMatchObject({ code: 'invalid_argument' })
})

test.runIf(platform === 'linux')('a folder that cannot be written to is refused', async () => {
  // Not even root may write there.
  await expect(open('/sys/millrace')).rejects.toMatchObject({ code: 'invalid_argument' })
})

test('a folder with other things in it is refused, and left alone', async () => {
  const dir = await testDir('empty')
  writeFileSync(join(dir, 'thesis.tex'), '')
  await expect(open(dir)).rejects.toThrow(/"thesis.tex"/)
})

test.each([
  ['a newer PostgreSQL', '19\n', 'found version "19"'],
  ['nobody knows whom', '', 'found version ""'],
])('a data folder made by %s is refused, and can be tried again', async (_who, version, found) => {
  const dir = await testDir('empty')
  mkdirSync(join(dir, 'pgdata'))
  writeFileSync(join(dir, 'pgdata', 'PG_VERSION'), version)
  for (let round = 0; round < 2; round += 1) {
    await expect(open(dir)).rejects.toMatchObject({ code: 'database_unsupported' })
    await expect(open(dir)).rejects.toThrow(found)
  }
})

test('a damaged data folder is refused with PostgreSQL’s own words', async () => {
  const dir = await testDir('ready')
  writeFileSync(join(dir, 'pgdata', 'global', 'pg_control'), 'nonsense')
  await expect(open(dir)).rejects.toMatchObject({
    code: 'database_unsupported',
    message: expect.stringContaining('pg_control'),
  })
})
