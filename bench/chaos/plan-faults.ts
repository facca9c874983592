import { createRandom } from '../support/lines.ts'

/** What happens to processes and connections. */
export const faultKinds = [
  'kill worker',
  'stop worker',
  'freeze worker',
  'drop connections',
  'kill server',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** How the embedding server answers while it is not well. */
export const embeddingModes = [
  'too many requests',
  'server error',
  'not json',
  'wrong count',
  'wrong lengths',
  'hang',
  'cut',
] as const
export type EmbeddingMode = (typeof embeddingModes)[number]

export const reshardKinds = ['split', 'merge', 'scale'] as const
export type ReshardKind = (typeof reshardKinds)[number]

export type Fault =
  /** `pick`, 0 to 1: which of those there are then. `forMs`: how long it is frozen, or stays down. */
  | { atMs: number; kind: FaultKind; pick: number; forMs: number }
  | { atMs: number; kind: 'reshard'; reshard: ReshardKind; pick: number }
  | { atMs: number; kind: 'embedding'; mode: EmbeddingMode; forMs: number }

const times = {
  /** No faults before this, so that work is under way when the first one comes. */
  quietMs: 4_000,
  reshardMs: 20_000,
  betweenFaultsMs: [3_000, 8_000],
  /** Longer than the lease of 5 s. */
  frozenMs: [6_000, 9_000],
  downMs: [200, 2_500],
  wellMs: [4_000, 12_000],
  unwellMs: [2_000, 6_000],
} as const

/**
 * What happens when, in the order of time, for a run of `durationMs`. The same seed gives the same plan, and a longer run
 * of it begins with the plan of a shorter one. Every kind comes once before any comes again.
 */
export function planFaults(seed: number, durationMs: number): Fault[] {
  return [planReshards, planProcesses, planEmbedding]
    .flatMap((plan, index) => plan(createRandom(seed * 3 + index), durationMs))
    .sort((a, b) => a.atMs - b.atMs)
}

function planReshards(random: () => number, durationMs: number): Fault[] {
  const deal = createDeck(reshardKinds, random)
  const faults: Fault[] = []
  for (let atMs = times.reshardMs / 2; atMs < durationMs; atMs += times.reshardMs)
    faults.push({ atMs, kind: 'reshard', reshard: deal(), pick: random() })
  return faults
}

function planProcesses(random: () => number, durationMs: number): Fault[] {
  const deal = createDeck(faultKinds, random)
  const faults: Fault[] = []
  let atMs: number = times.quietMs
  while (atMs < durationMs) {
    const kind = deal()
    const forMs = within(kind === 'freeze worker' ? times.frozenMs : times.downMs, random)
    faults.push({ atMs, kind, pick: random(), forMs })
    atMs += within(times.betweenFaultsMs, random)
  }
  return faults
}

function planEmbedding(random: () => number, durationMs: number): Fault[] {
  const deal = createDeck(embeddingModes, random)
  const faults: Fault[] = []
  let atMs = times.quietMs + within(times.wellMs, random)
  while (atMs < durationMs) {
    const forMs = within(times.unwellMs, random)
    faults.push({ atMs, kind: 'embedding', mode: deal(), forMs })
    atMs += forMs + within(times.wellMs, random)
  }
  return faults
}

/** Deals all of the cards, shuffled, before any is dealt again. */
function createDeck<T>(cards: readonly T[], random: () => number): () => T {
  let deck: T[] = []
  return () => {
    if (deck.length === 0) deck = [...cards]
    const [card] = deck.splice(Math.floor(random() * deck.length), 1)
    return card as T
  }
}

function within([least, most]: readonly [number, number], random: () => number): number {
  return Math.round(least + random() * (most - least))
}
