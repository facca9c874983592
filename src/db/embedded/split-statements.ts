const token =
  /\s+|--[^\n]*|\/\*|E'(?:[^'\\]+|\\[\s\S])*'|'[^']*'|"[^"]*"|\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$|[\p{L}_][\p{L}\p{N}_$]*|[\s\S]/giuy

/**
 * The statements of a simple query, comments replaced by a space, without the semicolons between them.
 * Knows quotes, dollar quotes and nested comments; what it cannot read stays part of the statement it is in.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = []
  let statement = ''
  const end = () => {
    if (statement.trim() !== '') statements.push(statement.trim())
    statement = ''
  }
  for (let at = 0; at < sql.length; ) {
    token.lastIndex = at
    const text = token.exec(sql)?.[0] ?? sql.charAt(at)
    let next = at + text.length
    if (text === ';') end()
    else if (text === '/*') {
      next = endOfComment(sql, next)
      statement += ' '
    } else if (text.startsWith('--')) statement += ' '
    else if (text.startsWith('$') && text.endsWith('$') && text.length > 1) {
      const close = sql.indexOf(text, next)
      next = close === -1 ? sql.length : close + text.length
      statement += sql.slice(at, next)
    } else statement += text
    at = next
  }
  end()
  return statements
}

/** Where the comment that was opened before `from` ends; comments nest. */
function endOfComment(sql: string, from: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = from
  for (let depth = 1; depth > 0; ) {
    const found = mark.exec(sql)?.[0]
    if (found === undefined) return sql.length
    depth += found === '/*' ? 1 : -1
  }
  return mark.lastIndex
}
