/**
 * The page: asks, shows the answer while it is written, and opens a citation among its neighbours.
 * Text of logs and of models becomes text nodes only, never HTML.
 */

const byId = (id) => document.getElementById(id)
const form = byId('ask')
const question = byId('question')
const submit = byId('submit')
const stream = byId('stream')
const dialog = byId('record')

const statusEveryMs = 10_000
const severities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** An element of a class (or none) around text and other nodes. */
function element(tag, className, ...children) {
  const made = document.createElement(tag)
  if (className) made.className = className
  made.append(...children)
  return made
}

const two = (number) => String(number).padStart(2, '0')
const clock = (date) => [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
const day = (date) => [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-')
const count = (number) => number.toLocaleString('en')

/** A moment in the reader's own time zone; its day only where it is another one than today. */
function moment(at, { milliseconds = false } = {}) {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return element('span', 'time', String(at))
  const fraction = milliseconds ? `.${String(date.getMilliseconds()).padStart(3, '0')}` : ''
  const isToday = day(date) === day(new Date())
  const made = element('time', 'time', `${isToday ? '' : `${day(date)} `}${clock(date)}${fraction}`)
  made.dateTime = date.toISOString()
  made.title = date.toISOString()
  return made
}

function severityBadge(severity) {
  const word = String(severity ?? '').toLowerCase()
  const known = severities.find((name) => word.startsWith(name))
  return element('span', `severity ${known ?? 'other'}`, word || 'none')
}

/** What went wrong, for the reader: the server's own words where there are any. */
async function failureOf(response) {
  const body = await response.json().catch(() => undefined)
  const text = body?.error?.message ?? `The server answered ${response.status}.`
  const after = response.headers.get('retry-after')
  return new Error(after ? `${text} Try again in ${after} s.` : text)
}

async function getJson(path, signal) {
  const response = await fetch(path, { headers: { accept: 'application/json' }, signal })
  if (!response.ok) throw await failureOf(response)
  return response.json()
}

const unreachable = 'The server does not answer. Is "millrace serve" still running?'
const messageOf = (error) => (error instanceof TypeError ? unreachable : error.message)

function showProblem(target, message) {
  target.textContent = message
  target.hidden = message === ''
}

/** Server-sent events of a response: `{ name, data }`, data parsed. */
async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const blocks = (rest + value).replaceAll('\r\n', '\n').split('\n\n')
    rest = blocks.pop()
    for (const block of blocks) {
      const fields = block.split('\n').map((line) => line.split(/: ?(.*)/s))
      const of = (name) => fields.filter(([key]) => key === name).map(([, text]) => text)
      const data = of('data').join('\n')
      if (data !== '') yield { name: of('event')[0] ?? 'message', data: JSON.parse(data) }
    }
  }
}

// ---- the answer

/** The question under way; a new one, or the button, ends it. */
let asking

function citationButton(citation, label) {
  const button = element('button', 'citation', label)
  button.type = 'button'
  button.title = `Open ${citation}`
  button.addEventListener('click', () => openRecord(citation))
  return button
}

/** The text with each marker such as [2] as a button that opens the second piece of evidence. */
function showAnswer(text, evidence) {
  const nodes = text.split(/(\[\d+\])/).map((part) => {
    const item = evidence[Number(/^\[(\d+)\]$/.exec(part)?.[1]) - 1]
    if (item === undefined) return part
    const button = citationButton(item.citation, part.slice(1, -1))
    button.setAttribute('aria-label', `Open evidence ${part.slice(1, -1)}, ${item.citation}`)
    return button
  })
  byId('answer').replaceChildren(...nodes)
}

function showPlan({ window, services, severities, identifiers, kind }) {
  const rows = [['Looking for', [kind]]]
  if (window) {
    const zone = new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
      .formatToParts(new Date(window.from))
      .find(({ type }) => type === 'timeZoneName')?.value
    const span = element(
      'span',
      '',
      moment(window.from),
      ' – ',
      moment(window.to),
      ` ${zone ?? ''}`,
    )
    rows.push([window.label || 'Time', [span]])
  } else {
    rows.push(['Time', ['all there is']])
  }
  if (services.length > 0) rows.push(['Services', services])
  if (severities.length > 0) rows.push(['Severities', severities])
  if (identifiers.length > 0) rows.push(['Names', identifiers])
  const made = rows.map(([name, values]) => {
    const chips = values.map((value) => element('dd', '', value))
    return element('div', '', element('dt', '', name), ...chips)
  })
  byId('plan').replaceChildren(...made)
}

function showEvidence({ items, shown, total }) {
  const rows = items.map((item, index) => {
    const times = item.count > 1 ? element('span', 'times', `× ${count(item.count)}`) : ''
    const head = element(
      'div',
      'line-head',
      element('span', 'number', String(index + 1)),
      moment(item.at, { milliseconds: true }),
      severityBadge(item.severity),
      element('span', 'service', item.service ?? ''),
      times,
      citationButton(item.citation, item.citation),
    )
    return element('li', '', head, element('pre', '', item.text))
  })
  byId('evidence-list').replaceChildren(...rows)
  byId('evidence-count').textContent = `${count(shown)} shown of ${count(total)}`
  byId('evidence').hidden = items.length === 0
}

function startResult() {
  showProblem(byId('problem'), '')
  for (const id of ['plan', 'answer', 'timing', 'evidence-list']) byId(id).replaceChildren()
  byId('evidence').hidden = true
  byId('result').hidden = false
  byId('answer').setAttribute('aria-busy', 'true')
  submit.textContent = 'Stop'
}

function endResult(problem) {
  byId('answer').setAttribute('aria-busy', 'false')
  submit.textContent = 'Ask'
  if (problem === '') return
  showProblem(byId('problem'), problem)
  byId('result').hidden = byId('plan').childElementCount === 0
}

/** Takes the events of one answer as they come. Returns true when the last of them has come. */
async function followAnswer(response, startedAt) {
  let evidence = []
  let text = ''
  for await (const { name, data } of eventsOf(response)) {
    if (name === 'plan') showPlan(data)
    if (name === 'evidence') {
      evidence = data.items
      showEvidence(data)
    }
    if (name === 'text') {
      text += data.delta
      showAnswer(text, evidence)
    }
    if (name === 'error') throw new Error(data.message)
    if (name === 'done') {
      showAnswer(data.answer.text, evidence)
      const here = Math.round(performance.now() - startedAt)
      byId('timing').textContent =
        `${count(Math.round(data.tookMs))} ms on the server, ${count(here)} ms until it was here`
      return true
    }
  }
  return false
}

async function ask(text) {
  asking?.abort()
  const own = new AbortController()
  asking = own
  startResult()
  let problem = ''
  try {
    const startedAt = performance.now()
    const response = await fetch('api/ask', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ question: text, ...(stream.value && { stream: stream.value }) }),
      signal: own.signal,
    })
    if (!response.ok) throw await failureOf(response)
    const isWhole = await followAnswer(response, startedAt)
    if (!isWhole) problem = 'The answer broke off. Ask again.'
  } catch (error) {
    problem = own.signal.aborted ? 'Stopped.' : messageOf(error)
  }
  // A later question owns the page by now.
  if (asking !== own) return
  asking = undefined
  endResult(problem)
}

// ---- one record among its neighbours

let opened

function recordRow(record) {
  const head = element(
    'div',
    'line-head',
    moment(record.at, { milliseconds: true }),
    severityBadge(record.severity),
    element('span', 'service', record.service ?? ''),
    element('code', 'place', record.citation),
  )
  const row = element('li', record.isTarget ? 'target' : '', head, element('pre', '', record.text))
  if (record.isTarget) row.setAttribute('aria-current', 'true')
  return row
}

async function openRecord(citation, around = 5) {
  opened?.abort.abort()
  const own = { citation, around, abort: new AbortController() }
  opened = own
  byId('record-title').textContent = citation
  byId('record-more').hidden = around > 5
  showProblem(byId('record-problem'), '')
  if (!dialog.open) {
    byId('record-list').replaceChildren()
    dialog.showModal()
    byId('record-list').focus()
  }
  try {
    const path = citation.split('/').map(encodeURIComponent).join('/')
    const { records } = await getJson(`api/records/${path}?around=${around}`, own.abort.signal)
    if (opened !== own) return
    byId('record-list').replaceChildren(...records.map(recordRow))
    dialog.querySelector('.target')?.scrollIntoView({ block: 'center' })
  } catch (error) {
    if (opened === own) showProblem(byId('record-problem'), messageOf(error))
  }
}

// ---- the state of the server

function describe({ engine, streams, indexed, answerModel, embeddingModel }) {
  const lag = streams.reduce((sum, { lagRecords }) => sum + lagRecords, 0)
  const names = streams.map(({ name, records }) =>
    records === null ? name : `${name} (${count(records)} records)`,
  )
  return [
    `${engine} engine`,
    names.join(', ') || 'no stream yet',
    `${count(indexed)} events indexed${lag > 0 ? `, ${count(lag)} to go` : ''}`,
    answerModel ? `answers by ${answerModel}` : 'answers quoted, no model',
    `embeddings by ${embeddingModel}`,
  ]
}

function offerStreams(streams) {
  const names = ['', ...streams.map(({ name }) => name)]
  byId('stream-choice').hidden = streams.length < 2
  if (names.join('\n') === [...stream.options].map(({ value }) => value).join('\n')) return
  const chosen = stream.value
  stream.replaceChildren(...names.map((name) => new Option(name || 'all streams', name)))
  stream.value = names.includes(chosen) ? chosen : ''
}

async function refreshStatus() {
  if (document.hidden) return
  const line = byId('status')
  try {
    const status = await getJson('api/status')
    const parts = describe(status)
    if (line.dataset.text !== parts.join()) {
      line.dataset.text = parts.join()
      line.replaceChildren(...parts.map((part) => element('span', '', part)))
    }
    line.classList.remove('down')
    offerStreams(status.streams)
  } catch (error) {
    line.dataset.text = ''
    line.textContent = messageOf(error)
    line.classList.add('down')
  }
}

// ---- what the reader does

function fitQuestion() {
  question.style.height = 'auto'
  question.style.height = `${question.scrollHeight + 2}px`
}

function askFromForm() {
  const text = question.value.trim()
  if (text === '') return
  history.replaceState(null, '', `?q=${encodeURIComponent(text)}`)
  ask(text)
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  if (asking) asking.abort()
  else askFromForm()
})

question.addEventListener('input', fitQuestion)
addEventListener('resize', fitQuestion)
question.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  askFromForm()
})

byId('examples').addEventListener('click', ({ target }) => {
  if (!(target instanceof HTMLButtonElement)) return
  question.value = target.textContent
  fitQuestion()
  askFromForm()
})

byId('record-close').addEventListener('click', () => dialog.close())
byId('record-more').addEventListener('click', () => openRecord(opened.citation, 25))
dialog.addEventListener('close', () => opened?.abort.abort())
// A click beside the dialog's content closes it.
dialog.addEventListener('click', ({ target }) => {
  if (target === dialog) dialog.close()
})

// What scrolls must be in reach of the keyboard.
byId('record-list').tabIndex = 0

document.addEventListener('visibilitychange', refreshStatus)
setInterval(refreshStatus, statusEveryMs)
refreshStatus()

const asked = new URLSearchParams(location.search).get('q')
if (asked) {
  question.value = asked
  fitQuestion()
  askFromForm()
} else {
  question.focus()
}
