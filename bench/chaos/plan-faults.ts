import { createRandom } from '../support/lines.ts'

/** What happens to processes and connections. */
export const faultKinds = [
  'kill worker',
  'stop worker',
  'freeze worker',
  'drop connections',
  'kill server',
  'block worker',
  'stall worker',
  'stall connections',
  'forget worker',
  'lose commits',
  'lose answers',
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
  'away',
] as const
export type EmbeddingMode = (typeof embeddingModes)[number]

export const reshardKinds = ['split', 'merge', 'scale'] as const
export type ReshardKind = (typeof reshardKinds)[number]

/** The stream that is appended to, and the one that a pipeline fills. */
export const reshardTargets = ['source', 'copy'] as const
export type ReshardTarget = (typeof reshardTargets)[number]

export type Fault =
  /** `pick`, 0 to 1: which of those there are then. `forMs`: how long it is frozen, or stays down. */
  | { atMs: number; kind: FaultKind; pick: number; forMs: number }
  | { atMs: number; kind: 'reshard'; target: ReshardTarget; reshard: ReshardKind; pick: number }
  | { atMs: number; kind: 'embedding'; mode: EmbeddingMode; forMs: number }
  /** What an operator does: `pick`, which pipeline, and `forMs`, for how long it is paused. */
  | { atMs: number; kind: 'pause'; pick: number; forMs: number }
  | { atMs: number; kind: 'replay' }

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
  stalledMs: [3_000, 8_000],
  betweenPausesMs: [8_000, 16_000],
  pausedMs: [1_000, 4_000],
  replayAtMs: [15_000, 30_000],
} as const

/**
 * What happens when, in the order of time, for a run of `durationMs`. The same seed gives the same plan, and a longer run
 * of it begins with the plan of a shorter one. Every kind comes once before any comes again.
 */
export function planFaults(seed: number, durationMs: number): Fault[] {
  const plans = [planProcesses, planEmbedding, planPauses, planReplay, ...reshardPlans]
  return plans
    .flatMap((plan, index) => plan(createRandom(seed * plans.length + index), durationMs))
    .sort((a, b) => a.atMs - b.atMs)
}

/** Each stream every 20 s, in turn. */
const reshardPlans = reshardTargets.map(
  (target, index) =>
    (random: () => number, durationMs: number): Fault[] => {
      const deal = createDeck(reshardKinds, random)
      const faults: Fault[] = []
      const firstMs = ((index + 1) * times.reshardMs) / 2
      for (let atMs = firstMs; atMs < durationMs; atMs += times.reshardMs)
        faults.push({ atMs, kind: 'reshard', target, reshard: deal(), pick: random() })
      return faults
    },
)

function planProcesses(random: () => number, durationMs: number): Fault[] {
  const deal = createDeck(faultKinds, random)
  const faults: Fault[] = []
  let atMs: number = times.quietMs
  while (atMs < durationMs) {
    const kind = deal()
    const forMs = within(lastingOf(kind), random)
    faults.push({ atMs, kind, pick: random(), forMs })
    atMs += within(times.betweenFaultsMs, random)
  }
  return faults
}

function lastingOf(kind: FaultKind): readonly [number, number] {
  if (['freeze worker', 'block worker', 'stall worker'].includes(kind)) return times.frozenMs
  return kind === 'stall connections' ? times.stalledMs : times.downMs
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

function planPauses(random: () => number, durationMs: number): Fault[] {
  const faults: Fault[] = []
  let atMs = times.quietMs + within(times.betweenPausesMs, random)
  while (atMs < durationMs) {
    const forMs = within(times.pausedMs, random)
    faults.push({ atMs, kind: 'pause', pick: random(), forMs })
    atMs += forMs + within(times.betweenPausesMs, random)
  }
  return faults
}

function planReplay(random: () => number, durationMs: number): Fault[] {
  const atMs = within(times.replayAtMs, random)
  return atMs < durationMs ? [{ atMs, kind: 'replay' }] : []
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
