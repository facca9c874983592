import pg from 'pg'
import { createPatternMatcher, type ShapeInput } from '../../src/knowledge/match-patterns.ts'

/** A worker of its own for pattern-order.native.test.ts: matches what it is sent, and answers with the ids. */
const pool = new pg.Pool({ connectionString: process.argv[2] ?? '', max: 1 })
const matcher = createPatternMatcher({ pool })

process.on('message', async (inputs: ShapeInput[]) => {
  process.send?.((await matcher.match(inputs)).patternIds)
})
process.once('disconnect', () => pool.end())
process.send?.('ready')
