/**
 * Words that say nothing of a line, and those in which questions are put. In logs "no", "not", "cannot", "down", "up", "out" and
 * "off" are the news: they are none of these.
 */
const stopWords: ReadonlySet<string> = new Set(
  (
    'i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers ' +
    'herself it its itself they them their theirs themselves what which who whom this that these those am is ' +
    'are was were be been being have has had having do does did doing a an the and but if or because as until ' +
    'while of at by for with about against between into through during before after above below to from ' +
    'in on over under again further then once here there when where why how all any both each few more ' +
    'most other some such nor only own same so than too very s t can will just don should now ' +
    // How questions are put.
    'see seen many much often frequently frequent common number amount count counted total time times occur ' +
    'occurs occurred occurring occurrence occurrences happen happens happened happening appear appears appeared ' +
    'cause causes caused causing reason reasons root explain explanation summarize summarise summary overview ' +
    'log logs logged logging mention mentions mentioned mentioning contain contains containing report reports ' +
    'reported say says said saying top noisiest commonest related relevant regarding would could may might must shall ' +
    'anything something everything nothing anyone someone else also ever per every whose among within ' +
    'without yet still already first last latest earliest recent recently currently ago trend trends rate rates ' +
    'spike spikes spiking spiked going went wrong get got didn doesn wasn weren isn aren hasn haven hadn couldn ' +
    'wouldn shouldn won ain ll re ve whats thing things various different exactly approximately least fewest ' +
    'occured occuring begin begins began begun beginning come comes came coming ' +
    // What events are parted by.
    'service services hosts pods lines'
  ).split(' '),
)

/** Where some of these are content after all: what comes before or behind them says so. */
const kept =
  /\b(?:log(?:s|ged|ging)?(?=\s+(?:in|on|out|off|into)\b)|rates?(?=[\s-]+limit)|root(?=\s*(?:$|[?.!,;]|(?!cause|reason|of\b|problem|issue)\w))|times?(?=[\s-]+outs?\b)|services?(?=\s+(?:un\w+|accounts?|mesh|discovery)\b)|timed(?=[\s-]+out\b))\b/gi

/** What is counted when nothing in particular is: "how many lines mention X", "instances of X". */
const counted =
  /\b(?:lines?|records?|messages?|events?|entries|entry)(?=\s*(?:[?.!,]|$)|\s+(?:that|which|with|about|of|in|on|at|from|for|by|per|mention|contain|say|match|are|were|was|is|do|does|did|have|had|there|logged)\b(?!\s+(?!there\b|logged\b)\w+ed\b))|\b(?:instances?|kinds?|types?|sorts?)(?=\s+of\b)|\b\d+(?:\.\d+)?\s*(?:ms|us|ns|s|secs?|seconds?|mins?|minutes?|hours?|days?|%|percent|kb|mb|gb|[kmg]i?b|bytes?)\b/gi

/**
 * The words of a text that say what is asked for: lower case, in order, each once; stop words, the words in which a
 * question is put, quantities and bare numbers left out.
 */
export function contentWords(text: string): string[] {
  const plain = text.replace(counted, (match) => ' '.repeat(match.length))
  const keeps = new Set([...plain.matchAll(kept)].map((match) => match.index))
  const words = new Set<string>()
  for (const match of plain.matchAll(/[\p{L}\p{N}_]+/gu)) {
    const word = match[0].toLowerCase()
    if (word.length < 2 || /^\d+$/.test(word)) continue
    // The method of a request, in capitals among other letters.
    const isMethod = match[0] === 'GET' && /[a-z]/.test(text)
    if (!stopWords.has(word) || isMethod || keeps.has(match.index)) words.add(word)
  }
  return [...words]
}
