import { describeStream } from '../../src/log/describe-stream.ts'
import { readRecords } from '../../src/log/read-records.ts'
import { listDeadLetters } from '../../src/pipeline/operations/list-dead-letters.ts'
import type { PipelineOptions } from '../../src/pipeline/pipeline-options.ts'
import type { Probe } from './probe.ts'
import type { KnobRig } from './rig.ts'
import { spyOn } from './spy.ts'

const poison = 7

/** The three ways of a record that is given up. */
export const failureProbes: Probe[] = [
  {
    knob: 'onFailure',
    set: 'dead_letters',
    run: async (rig) => {
      const { name, totals, sequence } = await giveUpOne(rig, 'dead_letters')
      const { deadLetters } = await listDeadLetters(rig, { pipeline: name })
      const [letter] = deadLetters
      return {
        observed: `${deadLetters.length} letter (step ${letter?.step}, ${letter?.condition}), ${totals.records} of 20 passed`,
        holds: deadLetters.length === 1 && letter?.sequence === sequence && totals.records === 20,
      }
    },
  },
  {
    knob: 'onFailure',
    set: 'discard',
    run: async (rig) => {
      const { name, totals } = await giveUpOne(rig, 'discard')
      const { deadLetters } = await listDeadLetters(rig, { pipeline: name })
      return {
        observed: `${deadLetters.length} letters, ${totals.dead} counted as dead, ${totals.records} of 20 passed`,
        holds: deadLetters.length === 0 && totals.dead === 1 && totals.records === 20,
      }
    },
  },
  {
    knob: 'onFailure',
    set: '{ stream }',
    run: async (rig) => {
      const target = await rig.stream()
      const { name, totals, sequence } = await giveUpOne(rig, { stream: target })
      const { deadLetters } = await listDeadLetters(rig, { pipeline: name })
      const { shards } = await describeStream(rig, target)
      const { records } = await readRecords(rig, { shardId: shards[0]?.id ?? 0, from: 0n })
      const letter = JSON.parse(records[0]?.data.toString() ?? '{}') as Record<string, unknown>
      const whole = Buffer.from(String(letter.data), 'base64').toString()
      return {
        observed: `${records.length} record there (step ${letter.step}, ${letter.condition}, its data whole), ${deadLetters.length} letters, ${totals.records} of 20 passed`,
        holds:
          records.length === 1 &&
          letter.sequence === String(sequence) &&
          (JSON.parse(whole) as { n: number }).n === poison &&
          deadLetters.length === 0,
      }
    },
  },
]

/** Twenty records, of which one fails for good. */
async function giveUpOne(rig: KnobRig, onFailure: NonNullable<PipelineOptions['onFailure']>) {
  const stream = await rig.stream()
  const sequences = await rig.put(stream, 20)
  const name = rig.freshName()
  const spy = spyOn({ name, stream, onFailure, retry: { attempts: 1 } }, ({ numbers }) => {
    if (numbers.includes(poison)) throw new Error('a poison record')
  })
  await rig.run(spy.pipeline, 20)
  const { totals } = await rig.status(spy.pipeline)
  return { name, totals, sequence: sequences[poison] }
}
