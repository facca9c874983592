import { levelOfWord } from '../guess-severity.ts'

/**
 * What lines have been read of the report that an event ends with: `none`; `frames` of Java, .NET, Node, Ruby, PHP or
 * Rust; `python`, whose exception's name stands unindented below its frames; `go`, whose frames are unindented;
 * `rust`, whose message is the line below its first; `key`, no report but an armoured private key, whose lines can be
 * redacted only together.
 */
export type Trace = 'none' | 'frames' | 'python' | 'go' | 'rust' | 'key'

/** What an event is, as far as it decides which line continues it. */
export interface TraceState {
  trace: Trace
  /** A time or a level opens it. */
  headed: boolean
  severity: number
  /** Its own first line is indented: then indentation says nothing. */
  isIndented: boolean
  /** The last line is indented. */
  afterIndented: boolean
}

const keyOpening = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----$/
const keyPart =
  /^\s{0,64}(?:[A-Za-z0-9+/=]{0,128}|(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset): .{0,200})$/
const keyClosing = /^\s{0,64}-----END /
const javaFrame = /^\s{0,64}at (?:async |new )?[\w$.<>/@#~[\]`,+-]{1,300} ?\(/
const moreFrames =
  /^\s{0,64}(?:\.\.\. \d{1,6} (?:more|common frames omitted)|Caused by: |Suppressed: |Wrapped by: |--- End of )/
const pythonFile = /^\s{0,64}File "[^"\n]{1,1000}", line \d/
const rubyFrame = /^\s{0,64}(?:from )?[\w./@~-]{1,300}:\d{1,7}:in [`']/
const phpFrame = /^\s{0,64}(?:#\d{1,5} |\[?[Ss]tack ?trace\]?:?$)/
const chained =
  /^(?:During handling of the above exception|The above exception was the direct cause)/
const traceback = 'Traceback (most recent call last):'
const goroutine = /^goroutine \d{1,12} (?:gp=\S{1,20} m=\S{1,20} (?:mp=\S{1,20} )?)?\[/
const goPart =
  /^(?:\S.{0,300}\)$|created by |\[signal |\[originating |exit status \d|\[recovered\]|panic: )/
const rustPart = /^(?:stack backtrace:|note: )/
const rustPanic = /^thread '[^'\n]{0,200}' (?:\(\d{1,12}\) )?panicked at /
const closing = /^[)\]}]{1,8}[;,]?$/
const exceptionName =
  /^((?:[A-Za-z_$][\w$]{0,63}\.){0,12})[A-Z_][\w$]{0,100}(?:Error|Exception|Throwable|Failure|Timeout|Interrupt)(?::|$)/
const pythonException = /^[A-Za-z_][\w.]{0,300}(?::|$)/
const crash = /^(?:panic: |fatal error: )/
const reported = /^(?:Exception in thread |Unhandled exception|Uncaught |PHP Fatal error: )/

/**
 * The state of the report once a line continues the event, null when the line is another event's. The line names neither
 * a time nor a level of its own.
 */
export function continueTrace(state: TraceState, line: string): Trace | null {
  const { trace } = state
  const first = line.charCodeAt(0)
  if (trace === 'key') return keyClosing.test(line) ? 'none' : keyPart.test(line) ? trace : null
  if (Number.isNaN(first)) return trace === 'none' ? null : trace
  if (first === 32 || first === 9) {
    if (isFrame(line)) return trace === 'none' ? 'frames' : trace
    if (state.isIndented && trace === 'none') return null
    return levelOfWord(line) === 0 || trace === 'go' ? trace : null
  }
  if (trace === 'rust') return 'frames'
  if (trace === 'python') {
    if (line === traceback || chained.test(line)) return trace
    if (state.afterIndented && pythonException.test(line)) return trace
  }
  if (trace === 'go' && (goPart.test(line) || goroutine.test(line))) return trace
  if (state.afterIndented && closing.test(line)) return trace
  if (!state.headed && trace === 'none') return null
  const isBad = trace !== 'none' || state.severity === 0 || state.severity >= 13
  switch (line.charAt(0)) {
    case 'a':
      if (javaFrame.test(line)) return frames(trace)
      break
    case 'C':
    case 'S':
    case 'W':
    case '.':
    case '-':
      if (moreFrames.test(line)) return frames(trace)
      break
    case 'T':
      if (line === traceback) return trace === 'none' && isBad ? 'python' : null
      break
    case 'g':
      if (goroutine.test(line)) return 'go'
      break
    case 's':
    case 'n':
      if (trace !== 'none' && rustPart.test(line)) return trace
      break
    case 'N':
      if (trace !== 'none' && line.startsWith('Node.js v')) return trace
      break
  }
  if (isBad && (phpFrame.test(line) || rubyFrame.test(line))) return frames(trace)
  return named(state, line)
}

/** What report, if any, a line opens that continues none. */
export function openTrace(line: string): Trace {
  if (line === traceback) return 'python'
  if (crash.test(line) || goroutine.test(line)) return 'go'
  if (rustPanic.test(line)) return 'rust'
  return reported.test(line) || exceptionName.test(line) || isFrame(line) ? 'frames' : 'none'
}

/** True for text whose last line begins a private key. */
export function opensKey(text: string): boolean {
  return text.endsWith('-----') && keyOpening.test(text.slice(-100))
}

/** A place in a program, as runtimes write it below an error. */
export function isFrame(line: string): boolean {
  return (
    javaFrame.test(line) || moreFrames.test(line) || pythonFile.test(line) || rubyFrame.test(line)
  )
}

/** The name of an exception, below the line that reports it. A name without a package needs a line that reports an error. */
function named(state: TraceState, line: string): Trace | null {
  if (state.trace !== 'none') return null
  const match = exceptionName.exec(line)
  if (match === null) return null
  return match[1] !== '' || state.severity >= 13 ? 'frames' : null
}

function frames(trace: Trace): Trace {
  return trace === 'none' ? 'frames' : trace
}
