import { createLogger } from '../../../src/base/logger.ts'
import { openEmbedded } from '../../../src/db/embedded/open-embedded.ts'

// A process of its own that has the folder named on the command line open: says so, and closes when its input ends.
const dir = process.argv[2] ?? ''
const logger = createLogger({ level: 'silent' })
try {
  const engine = await openEmbedded({ logger }, { dir })
  process.stdout.write(`${JSON.stringify({ url: engine.url })}\n`)
  process.stdin.resume()
  process.stdin.once('end', () => engine.close())
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`)
}
