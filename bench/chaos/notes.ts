import { createHash } from 'node:crypto'

/** What a record of the stream says. */
export interface Note {
  key: string
  /** Counts up within the key, from 1, without a gap. */
  number: number
  /** What is embedded for the ledger. */
  text: string
  /** A line as a program writes it, for the logs pipeline. */
  log: string
}

/** Where the ledger refuses a record until it is mended: in a step, or in the sink's transaction. */
export type Poison = 'step' | 'sink'

/** Of so many records one is poison. */
const poisonEvery = 1_000
/** So many notes of a key say the same words, so that new patterns come all through a run. */
const sameWords = 20
/** One in so many lines has a secret in it. */
const secretEvery = 7

/** Five notes of a key have the same text, so that a cache has something to do. */
export function noteOf(key: string, number: number): Note {
  const text = `${key} has come to ${Math.floor(number / 5)} fives`
  return { key, number, text, log: lineOf(key, number) }
}

/** Whether a record is poison, and where: the same wherever it is asked. */
export function poisonOf({ key, number }: Pick<Note, 'key' | 'number'>): Poison | null {
  const hash = createHash('sha256').update(markOf(key, number)).digest().readUInt32BE()
  if (hash % poisonEvery !== 0) return null
  return Math.floor(hash / poisonEvery) % 2 === 0 ? 'step' : 'sink'
}

/** What a line has of its note, so that an event can be told from any other. */
export function markOf(key: string, number: number): string {
  return `[${key}#${number}]`
}

/** What the secrets of all lines end with. */
export const secretHost = 'shop.example'

const words = ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heath', 'islet']

/** Whether a note's line is of the stack trace that a line before it has begun. */
export function isFrame({ number }: Pick<Note, 'number'>): boolean {
  return number % secretEvery !== 0 && [2, 3].includes(number % kinds)
}

const kinds = 6

function lineOf(key: string, number: number): string {
  const mark = markOf(key, number)
  const turn = Math.floor(number / sameWords)
  const word = `${words[turn % words.length]} ${words[Math.floor(turn / words.length) % words.length]}`
  if (number % secretEvery === 0)
    return `INFO receipt ${mark} of the ${word} shop was sent to ${key}.${number}@${secretHost}`
  if (isFrame({ number })) return `\tat shop.stock.Shelf.take(Shelf.java:${number}) ${mark}`
  const lines = [
    `INFO order ${mark} was placed in the ${word} shop`,
    `ERROR the ${word} warehouse refused parcel ${mark}: out of stock`,
    `WARN payment ${mark} is tried again by the ${word} gateway`,
  ]
  return lines[number % lines.length] ?? ''
}
