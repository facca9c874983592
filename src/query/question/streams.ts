/** A stream that a question names, and where it does. */
export interface StreamMention {
  name: string
  index: number
  end: number
}

/** "stream audit", "the audit stream": only names that may be searched. */
export function findStreams(text: string, streams: readonly string[]): StreamMention[] {
  const patterns = [/\bstreams?\s+["'`]?([\w.-]*\w)/gi, /\b([\w.-]+)\s+stream\b/gi]
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const name = streams.find((known) => known === match[1])
      const { index } = match
      return name === undefined ? [] : [{ name, index, end: index + match[0].length }]
    }),
  )
}
