import { numberOf, numberSource, type Unit, unitMs, unitOf, unitSource } from './amount.ts'

/** What the question does with a time: the words before it say so. */
export type Role =
  | { name: 'between' | 'since' | 'until' | 'around' | 'at' | 'from' }
  /** `withinMs`: "just after", "10 minutes before"; null when it is left open. `note`: where it was not said how far. */
  | { name: 'before' | 'after'; withinMs: number | null; note: string | null }
  /** "within 5 minutes of". */
  | { name: 'near'; withinMs: number }

interface RoleWords {
  /** Matched against what stands before the time, up to it. */
  pattern: RegExp
  role(match: RegExpExecArray): Role
}

const shortlyMs = 15 * unitMs.minute
const end = String.raw`\s+(?:the\s+)?$`

const amount = new RegExp(
  String.raw`\b(?:(?:in|within|during|for)\s+)?(?:the\s+)?(?:(?:last|first|final)\s+)?${numberSource}${unitSource}\s+(?<way>before|prior\s+to|leading\s+up\s+to|after|following|around|of)${end}`,
  'i',
)

const roleWords: readonly RoleWords[] = [
  {
    pattern: amount,
    role: ({ groups }) => {
      const unit: Unit = unitOf(groups?.unit ?? '')
      const withinMs = numberOf(groups?.number, unit) * unitMs[unit]
      const way = groups?.way?.toLowerCase() ?? ''
      if (/^(?:before|prior|leading)/.test(way)) return { name: 'before', withinMs, note: null }
      if (/^(?:after|following)/.test(way)) return { name: 'after', withinMs, note: null }
      return { name: 'near', withinMs }
    },
  },
  plain('between', String.raw`(?:in\s+the\s+(?:time|period|window|interval)\s+)?between`),
  plain(
    'since',
    String.raw`(?:ever\s+)?since|(?:starting|beginning)(?:\s+(?:at|on|from|with))?|as\s+of|later\s+than|newer\s+than`,
  ),
  plain(
    'until',
    String.raw`(?:up\s+)?until|till|up\s+to|through|by|ending(?:\s+(?:at|on))?|no\s+later\s+than`,
  ),
  shortly('after', String.raw`(?:just|right|shortly|immediately|directly)\s+after`, shortlyMs),
  shortly('after', 'after', null),
  shortly('before', String.raw`(?:just|right|shortly|immediately|directly)\s+before`, shortlyMs),
  shortly('before', String.raw`before|prior\s+to|earlier\s+than|older\s+than`, null),
  plain(
    'around',
    String.raw`(?:(?:at|on)\s+)?(?:around|about|near|circa|approximately|roughly|close\s+to)`,
  ),
  {
    pattern: /(?:\b(?:at|around|on)\s+)?~\s*$/i,
    role: () => ({ name: 'around' }),
  },
  plain('from', 'from'),
  {
    pattern:
      /(?:(?:\b(?:in|on|at|during|for|of|over|within|throughout|exactly|precisely)\s+|@\s*)+(?:the\s+)?|\b(?:the\s+))?(?:(?:time|day|month|year)\s+)?$/i,
    role: () => ({ name: 'at' }),
  },
]

/** The role of a time after `head`, and where in `head` the words that say so begin. */
export function roleAfter(head: string): { role: Role; index: number } {
  for (const { pattern, role } of roleWords) {
    const match = pattern.exec(head)
    if (match) return { role: role(match), index: match.index }
  }
  return { role: { name: 'at' }, index: head.length }
}

function plain(name: 'between' | 'since' | 'until' | 'around' | 'from', source: string): RoleWords {
  return { pattern: new RegExp(`\\b(?:${source})${end}`, 'i'), role: () => ({ name }) }
}

function shortly(name: 'before' | 'after', source: string, withinMs: number | null): RoleWords {
  const note = withinMs === null ? null : `${withinMs / unitMs.minute} min`
  return {
    pattern: new RegExp(`\\b(?:${source})${end}`, 'i'),
    role: () => ({ name, withinMs, note }),
  }
}
