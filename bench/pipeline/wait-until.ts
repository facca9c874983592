import { wait } from '../../src/base/backoff.ts'

/** Asks again and again until the answer is yes; fails after `withinMs` and says what it waited for. */
export async function waitUntil(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  options: { everyMs?: number; withinMs?: number } = {},
): Promise<void> {
  const { everyMs = 20, withinMs = 60_000 } = options
  const until = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > until)
      throw new Error(`expected ${what} within ${withinMs} ms, it has not come`)
    await wait(everyMs)
  }
}
