import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { evalLines } from '../../examples/incident/eval-lines.ts'
import { expandGold } from '../../examples/incident/expand-gold.ts'
import { parts, type Question, readQuestions } from '../../examples/incident/read-questions.ts'
import { writeEval } from '../../examples/incident/write-eval.ts'

const lines = evalLines()
const byPart = { tune: readQuestions('tune'), report: readQuestions('report') }
const questions = [...byPart.tune, ...byPart.report]
const of = (kind: Question['kind'], style?: Question['style']) => (question: Question) =>
  question.kind === kind && (style === undefined || question.style === style)

const stopWords = new Set(
  `a about across after again against all also an and any are as at away be because been before being between both but by can cannot
  cant cause could did do does doesn don down during each few for from further get gets go got had has have here how i if in into
  is isn it its itself just like many me more most much my n no nobody nor not of off on once one only or other our out over own
  per s same should show so some somebody someone such t than that the their them then there these they this those through to too
  two under until up us very was we were what when where which while who why will with without would you your`.split(
    /\s+/,
  ),
)
const suffixes = /(ations?|ments?|ings?|ness|edly|ed|ers?|ors?|ies|es|ly|s|y|e)$/

/** A simple stem: the word without its endings, as long as three letters are left. */
function stem(word: string): string {
  let left = word
  for (;;) {
    const shorter = left.replace(suffixes, '')
    if (shorter === left || shorter.length < 3) return left
    left = shorter
  }
}

/** The stems of a text's words, and of the parts of its camelCase and snake_case words. */
function stems(text: string): Set<string> {
  const apart = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
  const words = `${text} ${apart}`.toLowerCase().match(/[a-z]{2,}/g) ?? []
  return new Set(words.filter((word) => !stopWords.has(word)).map(stem))
}

/** Stems in common; two that begin with the same six letters count as one. */
function shared(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  const starts = new Set([...other].map((word) => word.slice(0, 6)))
  return [...one].filter((word) => starts.has(word.slice(0, 6)))
}

describe('the stemmer of these tests', () => {
  test('finds a word in its other forms and inside identifiers', () => {
    expect(shared(stems('payment retries'), stems('will retry, paymentFailed'))).toHaveLength(2)
    expect(shared(stems('expiring'), stems('certificate has expired'))).toHaveLength(1)
    expect(shared(stems('lock'), stems('waits for ShareLock'))).toHaveLength(1)
    expect(shared(stems('shoppers cannot buy'), stems('Payment failed for order'))).toEqual([])
  })
})

describe('the questions', () => {
  test('find and top: at least one line answers', () => {
    for (const question of questions) {
      if (question.kind !== 'find' && question.kind !== 'top') continue
      const gold = expandGold(question.gold, lines)
      expect(gold.length, question.question).toBeGreaterThan(0)
      expect(gold.length, question.question).toBeLessThan(lines.length / 10)
    }
  })

  test('count: the stored number is the number of lines that its rule means', () => {
    for (const question of questions) {
      if (question.kind !== 'count') continue
      expect(expandGold(question.count, lines), question.question).toHaveLength(question.gold)
      expect(question.gold, question.question).toBeGreaterThan(0)
    }
  })

  test('count: no line lies on an edge of its window, so it does not matter which edge counts', () => {
    const isOnEdge = (edge: string | undefined) => (line: { at: number }) =>
      edge !== undefined && line.at === Date.parse(edge)
    for (const question of questions) {
      if (question.kind !== 'count') continue
      const { from, to, ...rule } = question.count
      const edged = expandGold(rule, lines).filter(
        (line) => isOnEdge(from)(line) || isOnEdge(to)(line),
      )
      expect(edged, question.question).toEqual([])
    }
  })

  test('absent: no line answers, and an identifier occurs in no line at all', () => {
    for (const question of questions) {
      if (question.kind !== 'absent') continue
      expect(question.gold).toEqual([])
      expect(expandGold(question.never, lines), question.question).toEqual([])
      if (question.style !== 'identifier') continue
      const never = new RegExp(question.never.like)
      expect(question.question, 'the rule names what is asked').toMatch(never)
      expect(lines.filter(({ line }) => never.test(line))).toEqual([])
    }
  })

  test('symptom: shares no stem with a line that answers, its service or its host', () => {
    const offences: string[] = []
    for (const question of questions.filter(of('find', 'symptom'))) {
      if (question.kind !== 'find') continue
      const asked = stems(question.question)
      expect(asked.size, question.question).toBeGreaterThan(1)
      const told = new Set<string>()
      for (const { text, service, origin } of expandGold(question.gold, lines)) {
        for (const word of stems(`${text} ${service} ${origin}`)) told.add(word)
      }
      const common = shared(asked, told)
      if (common.length > 0) offences.push(`${question.question}: ${common}`)
    }
    expect(offences).toEqual([])
  })

  test('time: the rule has the window that the question names', () => {
    for (const question of questions.filter(({ style }) => style === 'time')) {
      const rule =
        question.kind === 'count'
          ? question.count
          : question.kind === 'absent'
            ? question.never
            : question.gold
      expect(rule.from, question.question).toBeDefined()
      expect(rule.to, question.question).toBeDefined()
    }
  })

  test('a rule has no field that is not read', () => {
    const known = ['like', 'service', 'from', 'to']
    for (const question of questions) {
      const rule =
        question.kind === 'count'
          ? question.count
          : question.kind === 'absent'
            ? question.never
            : question.gold
      expect(Object.keys(rule).filter((key) => !known.includes(key))).toEqual([])
    }
  })

  test('are enough of each kind and style, in both parts alike', () => {
    const least = [
      ['find', 'operator', 70],
      ['find', 'identifier', 40],
      ['find', 'symptom', 60],
      ['find', 'time', 20],
      ['count', undefined, 40],
      ['top', undefined, 15],
      ['absent', undefined, 30],
    ] as const
    for (const [kind, style, number] of least) {
      const tune = byPart.tune.filter(of(kind, style)).length
      const report = byPart.report.filter(of(kind, style)).length
      expect(tune + report, `${kind} ${style}`).toBeGreaterThanOrEqual(number)
      expect(Math.abs(tune - report), `${kind} ${style}`).toBeLessThanOrEqual(3)
    }
  })

  test('are as many as their README says', () => {
    const readme = join(import.meta.dirname, '../../examples/incident/questions/README.md')
    const rows = readFileSync(readme, 'utf8').matchAll(/^\| (\w+) \| (\w+) \| (\d+) \| (\d+) \|/gm)
    const said = [...rows].map(
      ([, kind, style, tune, report]) => `${kind} ${style} ${tune} ${report}`,
    )
    const names = new Set(questions.map(({ kind, style }) => `${kind} ${style}`))
    const counted = [...names].map((name) => {
      const here = (part: readonly Question[]) =>
        part.filter(({ kind, style }) => `${kind} ${style}` === name).length
      return `${name} ${here(byPart.tune)} ${here(byPart.report)}`
    })
    expect(said.sort()).toEqual(counted.sort())
  })

  test('ask about every service', () => {
    const asked = new Set(
      questions.flatMap((question) =>
        question.kind === 'find'
          ? expandGold(question.gold, lines).map(({ service }) => service)
          : [],
      ),
    )
    expect(
      [...new Set(lines.map(({ service }) => service))].filter((name) => !asked.has(name)),
    ).toEqual([])
  })

  test('of one part are not those of the other', () => {
    const words = (text: string) =>
      new Set(
        (text.toLowerCase().match(/[a-z0-9]+/g) ?? [])
          .filter((word) => !stopWords.has(word))
          .map(stem),
      )
    const alike: string[] = []
    for (const one of byPart.tune) {
      const own = words(one.question)
      for (const other of byPart.report) {
        const others = words(other.question)
        const common = [...own].filter((word) => others.has(word)).length
        if (common / (own.size + others.size - common) < 0.75) continue
        alike.push(`${one.question} / ${other.question}`)
      }
    }
    expect(alike).toEqual([])
  })
})

describe('writeEval', () => {
  test('writes logs of one record a line, and each gold line is one of them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eval-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    for (const part of parts) {
      writeEval(folder, { part })
      const files = readdirSync(join(folder, 'logs'))
      const written = new Set(
        files.flatMap((file) => readFileSync(join(folder, 'logs', file), 'utf8').split('\n')),
      )
      const asked = readFileSync(join(folder, 'questions.jsonl'), 'utf8').trimEnd().split('\n')
      expect(asked).toHaveLength(byPart[part].length)
      for (const line of asked) {
        const { question, now, gold } = JSON.parse(line)
        expect(Number.isNaN(Date.parse(now)), question).toBe(false)
        if (typeof gold === 'number') continue
        for (const wanted of gold) expect(written.has(wanted), question).toBe(true)
      }
    }
  })
})
