import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { platform } from 'node:process'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test, vi } from 'vitest'
import { acquireLock } from '../../../src/db/embedded/lock.ts'
import { identify, isRunning } from '../../../src/db/embedded/process-identity.ts'
import { testDir } from './embedded-database.ts'

const lockFile = async () => join(await testDir('empty'), 'lock')
/** This process' number, as another process had it before. */
const dead = { ...identify(), start: 'an earlier boot', url: '' }
const writeLock = (file: string, content: object) => writeFileSync(file, JSON.stringify(content))

test('a lock that is held is refused with the holder and how to reach it, until it is released', async () => {
  const file = await lockFile()
  const lock = await acquireLock(file)
  await expect(acquireLock(file)).rejects.toMatchObject({
    code: 'data_dir_locked',
    details: { pid: process.pid },
  })
  lock.publish('postgres://there')
  await expect(acquireLock(file)).rejects.toThrow("DATABASE_URL='postgres://there'")
  lock.release()
  lock.release()
  expect(readdirSync(join(file, '..'))).toEqual([])
})

test.each([
  ['whose number another process has now', JSON.stringify({ ...dead, token: 't' })],
  ['who is no more', JSON.stringify({ ...dead, pid: 2 ** 22 + 1, token: 't' })],
  ['whose file lost its content with the power', ''],
])('a lock of a holder %s is taken over', async (_who, content) => {
  const file = await lockFile()
  writeFileSync(file, content)
  const lock = await acquireLock(file)
  expect(readFileSync(file, 'utf8')).toContain(`"pid":${process.pid}`)
  expect(readdirSync(join(file, '..'))).toEqual(['lock'])
  lock.release()
})

test('a takeover that died half way is taken over too', async () => {
  const file = await lockFile()
  writeLock(file, { ...dead, token: 'first' })
  writeLock(`${file}.first`, { ...dead, token: 'second' })
  writeLock(`${file}.first.second`, { ...dead, token: 'third' })
  await acquireLock(file)
  expect(readdirSync(join(file, '..'))).toEqual(['lock'])
})

test('a holder that cannot be seen but answers is not taken over', async () => {
  const file = await lockFile()
  writeLock(file, { ...dead, token: 't', url: 'postgres://there' })
  const asked: string[] = []
  const isAnswering = async (url: string) => asked.push(url) > 0
  await expect(acquireLock(file, isAnswering)).rejects.toMatchObject({ code: 'data_dir_locked' })
  expect(asked).toEqual(['postgres://there'])
})

test('a lock that another took after ours was deleted is not released by us', async () => {
  const file = await lockFile()
  const lock = await acquireLock(file)
  writeLock(file, { ...dead, token: 'theirs' })
  lock.release()
  expect(readdirSync(join(file, '..'))).toEqual(['lock'])
})

test('of six processes that find a stale lock at the same moment one gets it, every time', async () => {
  const file = await lockFile()
  const script = join(import.meta.dirname, 'lock-contender.ts')
  const contenders = Array.from({ length: 6 }, () => {
    const child = spawn(process.execPath, [script, file], { stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill())
    const lines = createInterface(child.stdout)
    return async (command: 'take' | 'release') => {
      child.stdin.write(`${command}\n`)
      return (await once(lines, 'line'))[0]
    }
  })
  for (let round = 0; round < 40; round += 1) {
    writeLock(file, { ...dead, token: `stale ${round}` })
    const said = await Promise.all(contenders.map((tell) => tell('take')))
    expect(said.filter((word) => word === 'held')).toHaveLength(1)
    await Promise.all(contenders.map((tell) => tell('release')))
  }
})

test.runIf(platform === 'linux')(
  'a process that was killed is not running, though nobody has waited for it',
  async () => {
    // The shell becomes a program that never waits for the child it had.
    const parent = spawn('sh', ['-c', 'sleep 1000 & echo $!; exec sleep 1000'])
    onTestFinished(() => void parent.kill('SIGKILL'))
    const pid = Number((await once(parent.stdout, 'data'))[0])
    const identity = identify(pid)
    expect(isRunning(identity)).toBe(true)
    // Until it is that program, the shell may still take note of its child's end.
    await vi.waitFor(() =>
      expect(readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim()).toBe('sleep'),
    )
    process.kill(pid, 'SIGKILL')
    await vi.waitFor(() => expect(isRunning(identity)).toBe(false))
    expect(process.kill(pid, 0)).toBe(true)
  },
)
