import type { Citation } from '../log/citation.ts'

/** What a search is confined to, before anything is ranked. */
export interface SearchFilters {
  /** Events at or after this moment; null for no bound. */
  from: Date | null
  /** Events before this moment; null for no bound. */
  to: Date | null
  /** Exact service names; empty for all. */
  services: readonly string[]
  /** OTel severity number; 0 for all. */
  minSeverity: number
  /** OTel severity number of the gravest; default: any. */
  maxSeverity?: number
  /** Stream names; empty for all. */
  streams: readonly string[]
  /** Exact, but for the case of letters. Default: any. */
  host?: string
  pod?: string
  traceId?: string
}

/** One event that a search found, with what is known of its pattern in the window. */
export interface EvidenceItem {
  citation: Citation
  at: Date
  severity: number
  service: string
  host: string | null
  pod: string | null
  traceId: string | null
  /** The redacted line. */
  text: string
  patternId: number
  /** Events of this pattern inside the filters, with the first and last of them. */
  count: number
  first: Date
  last: Date
  /** How well it fits the question, 0 to 1, and what each leg said (null: not found by it). */
  score: number
  legs: {
    vector: number | null
    meaning: number | null
    lexical: number | null
    identifier: number | null
  }
}

/** The legs of what was counted or listed instead of searched for. */
export const noLegs: EvidenceItem['legs'] = {
  vector: null,
  meaning: null,
  lexical: null,
  identifier: null,
}
