// `npm run eval -- NAME ...`: measures what is right and what is wrong, not how fast: how well lines are grouped,
// and how well questions are answered.
import { Command, CommanderError } from 'commander'
import { messageOf } from '../../src/base/errors.ts'
import { addPatterns } from './patterns.ts'
import { addQuestions } from './questions.ts'

const program = new Command('eval')
  .description('Measures the quality of what Millrace makes of logs, on data of your own.')
  .exitOverride()
addPatterns(program)
addQuestions(program)

try {
  await program.parseAsync(process.argv)
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode
  else {
    process.stderr.write(`eval: ${messageOf(error)}\n`)
    process.exitCode = 2
  }
}
