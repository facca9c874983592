/** Terms of one stack trace; those that come first are kept. */
const maxTerms = 48
const maxLines = 200
const maxLine = 1_024

const javaFrame = /^\s*at ([\w$.<>/@-]{1,300})\(([\w$.-]{1,128}?)(?::(\d{1,7}))?\)/
const nodeFrame =
  /^\s*at (?:(?:async |new )?([\w$.<>[\]# ]{1,200}) \()?([^()\s]{1,400}):(\d{1,7}):\d{1,7}\)?$/
const dotnetFrame = /^\s*at ([\w.`+<>[\]]{1,300})\([^)]{0,300}\)(?: in (.{1,300}):line (\d{1,7}))?/
const pythonFrame = /^\s*File "([^"]{1,400})", line (\d{1,7})(?:, in (\S{1,128}))?/
const goFile = /^\s+(\S{1,400}\.go):(\d{1,7})(?: |$)/
const rubyFrame = /^\s*(?:from )?(\S{1,400}\.\w{1,8}):(\d{1,7}):in [`']([^']{1,128})'/
const phpFrame = /^#\d{1,5} (\S{1,400})\((\d{1,7})\): ([\w\\:>-]{1,200})/
const goCall = /^([\w./*()$-]{1,300}\.[\w$()*.]{1,128})\(.{0,300}\)$/
const exception =
  /(?:^|[\s:])((?:[A-Za-z_$][\w$]{0,63}\.){0,12}[A-Z][\w$]{0,100}(?:Error|Exception|Throwable|Failure|Timeout))(?=$|[:\s])/

/**
 * What a stack trace is found by, beside what masking finds in its head: the names of its exceptions, whole and by their
 * last piece (`java.lang.NullPointerException`, `NullPointerException`), and of its frames the method, the file, and the
 * file with its line (`Orders.java:42`). Empty for a body of one line without an exception's name. Linear in the body.
 */
export function traceTerms(body: string): string[] {
  const terms = new Set<string>()
  let start = 0
  for (let line = 0; line < maxLines && start <= body.length && terms.size < maxTerms; line += 1) {
    const end = body.indexOf('\n', start)
    const text = body.slice(start, Math.min(end < 0 ? body.length : end, start + maxLine))
    const frame = readFrame(text)
    if (frame !== null) {
      const file = frame.file.slice(
        Math.max(frame.file.lastIndexOf('/'), frame.file.lastIndexOf('\\')) + 1,
      )
      if (file !== '' && frame.line !== '') {
        terms.add(`${file}:${frame.line}`)
        terms.add(file)
      }
      if (frame.method !== '') terms.add(frame.method)
    } else {
      const name = exception.exec(text)?.[1]
      if (name !== undefined) {
        terms.add(name)
        terms.add(name.slice(name.lastIndexOf('.') + 1))
      }
    }
    if (end < 0) break
    start = end + 1
  }
  return [...terms].slice(0, maxTerms)
}

function readFrame(text: string): { method: string; file: string; line: string } | null {
  const first = text.charCodeAt(0)
  const isIndented = first === 32 || first === 9
  const place = (file = '', line = '', method = '') => ({ file, line, method: method.trim() })
  if (text.includes('at ')) {
    const java = javaFrame.exec(text)
    if (java !== null) return place(java[2], java[3], java[1])
    const node = nodeFrame.exec(text)
    if (node !== null) return place(node[2], node[3], node[1])
    const dotnet = dotnetFrame.exec(text)
    if (dotnet !== null) return place(dotnet[2], dotnet[3], dotnet[1])
  }
  const python = text.includes('File "') ? pythonFrame.exec(text) : null
  if (python !== null) return place(python[1], python[2], python[3]?.replace('<module>', ''))
  const go = isIndented && text.includes('.go:') ? goFile.exec(text) : null
  if (go !== null) return place(go[1], go[2])
  const ruby = text.includes(':in ') ? rubyFrame.exec(text) : null
  if (ruby !== null) return place(ruby[1], ruby[2], ruby[3])
  if (first === 35) {
    const php = phpFrame.exec(text)
    if (php !== null) return place(php[1], php[2], php[3])
  }
  const call = text.endsWith(')') && !isIndented ? goCall.exec(text) : null
  return call === null ? null : place('', '', call[1])
}
