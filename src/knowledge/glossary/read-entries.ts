/** What systems report, and the same in plain words. */
export interface GlossaryEntry {
  /** How people say it, who do not know the term. */
  plain: string
  /** How logs say it: phrases, any of which will do; PostgreSQL stems them. */
  logged: readonly string[]
  /**
   * The terms by which those ask for it who know it, singular. Where a question has one and no event reports the like, what
   * it asks about did not happen.
   */
  terms: readonly string[]
}

/**
 * Reads entries as they are written in this folder: a line in plain words, `=` before the phrases of the logs, `?` before the
 * terms, if there are any; phrases are parted by semicolons, and an indented line goes on with the one before.
 */
export function readEntries(table: string): GlossaryEntry[] {
  const lines = table.replaceAll(/\n[ ]+/g, ' ').split('\n')
  const entries: GlossaryEntry[] = []
  for (const line of lines) {
    const last = entries.at(-1)
    if (line.startsWith('=') && last) last.logged = phrasesOf(line)
    else if (line.startsWith('?') && last) last.terms = phrasesOf(line)
    else if (line !== '') entries.push({ plain: line, logged: [], terms: [] })
  }
  return entries
}

function phrasesOf(line: string): string[] {
  return line
    .slice(1)
    .split(';')
    .map((phrase) => phrase.trim())
}
