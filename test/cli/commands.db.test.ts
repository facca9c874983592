import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, describe, expect, it } from 'vitest'
import { createProgram } from '../../src/cli/main.ts'
import { testDatabase } from '../support/database.ts'
import { sharedEnvironment, testEnvironment } from '../support/environment.ts'
import { commandRunner } from './run-command.ts'

const db = await testDatabase()
const environment = await testEnvironment()
const folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Opens a database of its own, as it does in production; and one that uses the test's, which is quicker. */
const millrace = commandRunner(environment)
const millraceOnShared = commandRunner(sharedEnvironment(db))

// Each command is a process of its own, and opens the database anew: a busy machine takes seconds for one.
describe('millrace', { timeout: 180_000 }, () => {
  it('prints its version', async () => {
    expect((await millrace(['--version'])).out).toMatch(/^\d+\.\d+\.\d+/)
  })

  it('has help with an example for every command', async () => {
    const leaves = (command: Command): Command[] =>
      command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
    const commands = leaves(await createProgram())
    expect(commands.length).toBeGreaterThan(20)
    for (const command of commands) {
      let help = ''
      const writeOut = (text: string) => {
        help += text
      }
      command.configureOutput({ writeOut }).outputHelp()
      expect(help).toMatch(/Examples?:\n {2}\S/)
      expect(command.description()).not.toBe('')
    }
    const { code, out } = await millrace(['stream', 'create', '--help'])
    expect([code, out]).toEqual([0, expect.stringContaining('Examples:')])
  })

  it('answers a wrong command, option or value with one line on stderr and exit code 2', async () => {
    for (const [args, message] of [
      [['frobnicate'], /unknown command/],
      [['stream', 'create', 'x', '--shards', 'many'], /whole number/],
      [['stream', 'create', 'no spaces'], /1-128 letters/],
      [['stream', 'create', 'x', '--retention-hours', '1'], /24/],
      [['stream', 'describe', 'nowhere'], /millrace stream create nowhere/],
      [['tail'], /expected a stream/],
      [['tail', '--at', 'nonsense'], /expected a citation such as/],
      [['put', '/nonexistent.log'], /cannot read/],
      [['ask', '--stream', 'nowhere', 'anything?'], /"nowhere" does not exist/],
    ] as const) {
      const { code, err } = await millraceOnShared([...args])
      expect([args, code]).toEqual([args, 2])
      expect(err).toMatch(message)
      expect(err).not.toMatch(/\n\s+at /)
    }
  })

  it('says what is wrong with a database that does not answer, and exits with 1', async () => {
    const { code, err } = await millrace(['stream', 'list'], {
      env: { DATABASE_URL: 'postgres://127.0.0.1:1/nothing' },
    })
    expect(code).toBe(1)
    expect(err).toMatch(/database does not answer.*DATABASE_URL/)
    expect((await millrace(['stream', 'list'], { env: { DATABASE_URL: 'mysql://x' } })).code).toBe(
      2,
    )
  })

  it('puts files and standard input, shows them again, and answers about them with a citation', async () => {
    const file = join(folder, 'app.log')
    await writeFile(
      file,
      [
        '2026-11-23T10:00:00Z INFO [web] started',
        '',
        '2026-11-23T10:00:01Z ERROR [web] upstream inventory refused the connection',
        Buffer.from([0x62, 0xff, 0x64]).toString('latin1'),
        '{"level":"warn","msg":"broken json',
      ].join('\r\n'),
      'latin1',
    )
    const put = await millrace(['put', '--stream', 'cli', file])
    expect([put.code, put.out]).toEqual([
      0,
      expect.stringMatching(/^4 records durable in "cli".*1 empty lines skipped/),
    ])
    const piped = await millrace(['put', '--stream', 'cli'], { input: 'one\ntwo' })
    expect(piped.out).toMatch(/^2 records durable/)

    const tail = await millrace(['tail', 'cli', '-n', '2'])
    expect(
      tail.out
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[2]),
    ).toEqual(['one', 'two'])

    const asked = await millrace([
      'ask',
      '--stream',
      'cli',
      '--json',
      'was a connection to inventory refused?',
    ])
    expect([asked.code, asked.err]).toEqual([0, expect.stringMatching(/indexed 6 lines/)])
    const answer = JSON.parse(asked.out)
    expect(answer.citations[0].text).toContain('refused the connection')
    const cited = await millrace(['tail', '--at', answer.citations[0].citation, '--around', '1'])
    expect(cited.out.split('\n')[1]).toContain('upstream inventory refused the connection')
  })

  it('refuses a line that is too long alone, and says where it was', async () => {
    const { code, out, err } = await millrace(['put', '--stream', 'long'], {
      input: `first\n${'x'.repeat(5_000_000)}\nlast\n`,
    })
    expect([code, out]).toEqual([1, expect.stringMatching(/^2 records durable.*1 refused/)])
    expect(err).toMatch(/stdin, line 2: expected a record .* at most 1048576 bytes, got 500000\d/)
  })
})
