import type { BenchLine } from './lines.ts'
import type { Table } from './table.ts'

/** What a benchmark is given. */
export interface BenchmarkOptions {
  /** How long one measurement of one contender lasts. */
  seconds: number
  /** How often every contender has its turn; turns are interleaved. */
  rounds: number
  /** Log lines as a Kubernetes collector sends them, ~300 B each; the same ones for every contender. */
  lines: readonly BenchLine[]
  /** Says what goes on, on stderr. */
  note: (text: string) => void
}

/** A number that later runs are compared with. */
export interface Figure {
  value: number
  unit: string
  better: 'more' | 'less'
}

export interface Report {
  title: string
  tables: Table[]
  /** By a name that stays: the trend file compares by it. Ratios within a run say more than rates. */
  figures: Record<string, Figure>
  /** What was used, by name: of servers, libraries, peers. */
  versions: Record<string, string>
  /** What the figures do not say, what could not be had and why. */
  remarks: string[]
}

/** A benchmark: `bench/NAME.ts` exports one as `benchmark`. */
export interface Benchmark {
  /** What it measures, in a sentence. */
  about: string
  /** `server`: DATABASE_URL, or a throwaway PostgreSQL. `embedded`: the embedded engine alone. */
  needs: 'server' | 'embedded'
  /** Default seconds of a measurement. */
  seconds: number
  /** Default rounds. */
  rounds: number
  run(options: BenchmarkOptions): Promise<Report>
}
