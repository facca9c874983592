import { describe, expect, it } from 'vitest'
import { knownPipeline, letter } from '../pipeline/operations/known-pipeline.ts'
import { testDatabase } from '../support/database.ts'
import { sharedEnvironment } from '../support/environment.ts'
import { commandRunner } from './run-command.ts'

const db = await testDatabase()
const millrace = commandRunner(sharedEnvironment(db))

/** Runs a `millrace pipeline` command that has to succeed; returns what it printed. */
async function done(args: string): Promise<string> {
  const { code, out, err } = await millrace(['pipeline', ...args.split(' ')])
  expect([args, code, err]).toEqual([args, 0, ''])
  return out.trim()
}

const json = async (args: string) => JSON.parse(await done(`${args} --json`))

// Each command is a process of its own, and opens the database anew: a busy machine takes seconds for one.
const patient = { timeout: 240_000 }

describe('millrace pipeline', patient, () => {
  it('shows a pipeline, moves it, runs it again beside itself, and deletes that', async () => {
    const { numbers } = await knownPipeline(db, 'errors', { texts: ['a', 'b'] })
    const last = String(numbers[1])
    expect(await done('status errors')).toMatch(
      /^errors: running, no worker runs it\n {2}definition {2}errors from TRIM_HORIZON > parse > table \(revision 1\)\n {2}breaker {5}closed\n {2}behind {6}2 records, the oldest for .*retention takes it in 23 h\n/,
    )
    expect(await json('seek errors --to LATEST')).toEqual({
      name: 'errors',
      shards: [{ stream: 'errors', shard: 0, from: '0', to: last }],
    })
    expect(await done(`seek errors --stream errors --shard 0 --sequence ${last}`)).toBe(
      `errors/0\t${last} -> ${BigInt(last) - 1n}`,
    )
    expect(await done('pause errors')).toContain('millrace pipeline resume errors')
    expect(await done('replay errors --from TRIM_HORIZON --as again')).toMatch(
      /^replaying errors as again: 2 records in 1 shard\(s\); no worker runs it; see it with/,
    )
    expect(await json('list')).toMatchObject([
      { name: 'again', replayOf: 'errors', behind: 2, state: 'running' },
      { name: 'errors', replayOf: null, behind: 1, state: 'paused', workers: 0 },
    ])
    expect(await done('resume errors')).toMatch(/^resumed pipeline errors in 1 shard/)
    expect(await done('delete again')).toBe('deleted pipeline again')
  })

  it('looks after dead letters', async () => {
    const { shardIds } = await knownPipeline(db, 'lost')
    const text = await letter(db, 'lost', shardIds[0] ?? 0, '{"secret":12345678901234567890}')
    const bytes = await letter(db, 'lost', shardIds[0] ?? 0, Buffer.from([0xff, 0x00]))
    const listed = await millrace('pipeline dead-letters list lost --limit 1'.split(' '))
    expect(listed.out).toMatch(
      new RegExp(
        `^${bytes}\tlost/0/7\t\\S+Z\tretries_exhausted\tparse\t3 attempt\\(s\\)\t[^\t]+\n$`,
      ),
    )
    expect(listed.err).toContain('--limit')
    expect(await json(`dead-letters show ${text}`)).toMatchObject({
      id: String(text),
      citation: 'lost/0/7',
      partitionKey: 'k',
      encoding: 'json',
      data: '{"secret":12345678901234567890}',
    })
    const colours = await letter(db, 'lost', shardIds[0] ?? 0, 'a\u001b[31m\tb\n')
    expect(await done(`dead-letters show ${colours}`)).toMatch(/9 bytes\na\\x1b\[31m\tb$/)
    expect(await json(`dead-letters show ${colours}`)).toMatchObject({ data: 'a\u001b[31m\tb\n' })
    await done(`dead-letters drop lost --id ${colours}`)
    expect(await done(`dead-letters show ${bytes}`)).toMatch(/base64, 2 bytes\n\/wA=$/)
    expect(await done(`dead-letters redrive lost --id ${text} ${bytes}`)).toBe(
      '2 dead letter(s) of lost are tried again; no worker runs lost: they are tried when one starts',
    )
    expect(await done('dead-letters drop lost --all')).toBe('dropped 2 dead letter(s) of lost')
  })

  it('answers a wrong request with what was expected, and exit code 2', async () => {
    for (const [args, message] of [
      ['status made-up', /"made-up" does not exist; there are: errors, lost\. A new one/],
      ['seek errors --to yesterday', /TRIM_HORIZON, LATEST, an ISO 8601 time/],
      ['seek errors', /either --to or --sequence, got neither/],
      ['dead-letters drop lost', /--id 17 --id 18, or --all/],
    ] as const) {
      const { code, err } = await millrace(['pipeline', ...args.split(' ')])
      expect([args, code]).toEqual([args, 2])
      expect(err).toMatch(message)
      expect(err).not.toMatch(/\n\s+at /)
    }
  })
})
