import type { Command } from 'commander'
import { registerDeadLetters } from './pipeline/dead-letters.ts'
import { registerDelete } from './pipeline/delete.ts'
import { registerList } from './pipeline/list.ts'
import { registerPauseAndResume } from './pipeline/pause-resume.ts'
import { registerReplay } from './pipeline/replay.ts'
import { registerSeek } from './pipeline/seek.ts'
import { registerStatus } from './pipeline/status.ts'

export function registerPipeline(program: Command): void {
  const pipeline = program
    .command('pipeline')
    .description(
      'see how pipelines get on, move them, run them again, and look after what they gave up on',
    )
    .addHelpText(
      'after',
      `
A pipeline is here once a worker that has it in its configuration has started.

Examples:
  millrace pipeline list
  millrace pipeline status errors
  millrace pipeline replay errors --from 2026-11-23T10:00:00Z --as errors-again`,
    )
  for (const register of [
    registerList,
    registerStatus,
    registerPauseAndResume,
    registerSeek,
    registerReplay,
    registerDelete,
    registerDeadLetters,
  ])
    register(pipeline)
}
