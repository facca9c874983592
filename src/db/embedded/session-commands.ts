import { splitStatements } from './split-statements.ts'

/**
 * One Postgres session serves all clients, so the few commands that name something of "their" session must be seen:
 * - LISTEN, UNLISTEN: which client wants which channel.
 * - PREPARE, EXECUTE, DEALLOCATE name: get the client's own names.
 * - DEALLOCATE ALL, DISCARD ALL: would destroy the statements of every client; are done for the one client only.
 * - SET of a timeout that ends an idle session: with it the engine ends, for every client. It is set to 0, for never; the
 *   multiplexer has a limit of its own, which ends the one client.
 * - COPY FROM STDIN: the engine reads the data from the same buffer as the command, so all of it must be there first.
 * They are recognised where a statement starts; those hidden in functions, or in EXPLAIN EXECUTE, are not.
 */
export interface SessionCommands {
  /** The text to run, with the client's own statement names and without timeouts that end the session. */
  sql: string
  listens: string[]
  /** Channels, or `*` for all. */
  unlistens: string[]
  /** COPY FROM STDIN as the only statement. */
  copy: { isBinary: boolean } | undefined
  /** DEALLOCATE ALL or DISCARD ALL as the only statement. */
  forget: 'DEALLOCATE ALL' | 'DISCARD ALL' | undefined
  /** Names of statements that PREPARE makes. */
  prepares: string[]
  /** What one session for all cannot do: why, and what to do instead. */
  refused: string | undefined
}

const ends = 'idle_in_transaction_session_timeout|idle_session_timeout|transaction_timeout'
const suspects = new RegExp(
  `\\b(listen|unlisten|copy|discard|deallocate|prepare|execute|${ends})\\b`,
  'i',
)
const identifier = String.raw`("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`
const listening = new RegExp(`^(un)?listen\\s*(\\*|${identifier})`, 'iu')
const named = new RegExp(`^(prepare|execute|deallocate(?:\\s+prepare)?)\\s*${identifier}`, 'iu')
const copyIn = /^copy\b(?!\s*\()[\s\S]*\bfrom\s+stdin\b/i
const endsSession = new RegExp(`^set\\s+(?:(?:session|local)\\s+)?(?:${ends})\\b`, 'i')
const forgetting = /^(deallocate|discard)\s+(?:prepare\s+)?all$/i

/** Reads the session commands in `sql`; `nameOf` gives a client's own name for a statement. */
export function readSessionCommands(
  sql: string,
  nameOf: (statement: string) => string,
): SessionCommands {
  const commands: SessionCommands = {
    sql,
    listens: [],
    unlistens: [],
    copy: undefined,
    forget: undefined,
    prepares: [],
    refused: undefined,
  }
  if (!suspects.test(sql)) return commands
  const statements = splitStatements(sql)
  const isAlone = statements.length === 1
  const rewritten = statements.map((statement) => {
    const channel = listening.exec(statement)
    const forget = forgetting.exec(statement)
    const name = named.exec(statement)
    const timeout = endsSession.exec(statement)
    if (timeout) return `${timeout[0]} = 0`
    if (channel) {
      const list = channel[1] ? commands.unlistens : commands.listens
      list.push(foldIdentifier(channel[2] ?? ''))
    } else if (copyIn.test(statement)) {
      if (isAlone) commands.copy = { isBinary: /\bbinary\b/i.test(statement) }
      else commands.refused = 'expected COPY FROM STDIN alone in its query: send it by itself'
    } else if (forget) {
      if (isAlone) commands.forget = /^dis/i.test(statement) ? 'DISCARD ALL' : 'DEALLOCATE ALL'
      else commands.refused = `expected ${forget[0]} alone in its query: send it by itself`
    } else if (name) return renameStatement(statement, name, commands, nameOf)
    return statement
  })
  if (rewritten.some((statement, index) => statement !== statements[index]))
    commands.sql = rewritten.join(';')
  return commands
}

function renameStatement(
  statement: string,
  match: RegExpExecArray,
  commands: SessionCommands,
  nameOf: (statement: string) => string,
): string {
  const [head, verb = '', written = ''] = match
  if (/^prepare$/i.test(verb) && /^transaction$/i.test(written)) return statement
  const name = nameOf(foldIdentifier(written))
  if (/^prepare$/i.test(verb)) commands.prepares.push(name)
  return `${verb} "${name.replaceAll('"', '""')}"${statement.slice(head.length)}`
}

/** An identifier as Postgres stores it: case kept in quotes, else folded. */
function foldIdentifier(written: string): string {
  return written.startsWith('"')
    ? written.slice(1, -1).replaceAll('""', '"')
    : written.toLowerCase()
}
