import { createInterface } from 'node:readline'
import { acquireLock, type Lock } from '../../../src/db/embedded/lock.ts'

// A process that takes and releases the lock file named on the command line, as each line of its input says.
const file = process.argv[2] ?? ''
let lock: Lock | undefined
const say = (word: string) => process.stdout.write(`${word}\n`)
for await (const line of createInterface(process.stdin)) {
  if (line === 'release') {
    lock?.release()
    say('released')
  } else {
    lock = await acquireLock(file).catch(() => undefined)
    say(lock ? 'held' : 'refused')
  }
}
