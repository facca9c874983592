import type { KnobRig } from './rig.ts'

export interface Observation {
  /** What was seen, in numbers. */
  observed: string
  /** Whether that is what the knob's comment says. */
  holds: boolean
}

/** One knob: what it is set to, and the run that shows what it does. */
export interface Probe {
  knob: string
  set: string
  run(rig: KnobRig): Promise<Observation>
}
