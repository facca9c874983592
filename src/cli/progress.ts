import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  /** Reports how much is done, in the unit of `total`, and how many items that are. */
  update(done: number, items: number): void
  /** Says something meanwhile, on a line of its own. */
  note(text: string): void
  /** Ends the bar, and says in one line what was done at which rate. */
  finish(summary: string): void
}

/** A bar with a rate on stderr when that is a terminal; elsewhere only the closing line. */
export function createProgress(label: string, total: number, unit: string): Progress {
  const started = performance.now()
  const perSecond = (items: number) =>
    Math.round(items / Math.max(0.001, (performance.now() - started) / 1000)).toLocaleString('en')
  const bar = process.stderr.isTTY
    ? new SingleBar(
        {
          format: `${label} {bar} {percentage}%  {items} ${unit}  {rate}/s`,
          stream: process.stderr,
          hideCursor: true,
          clearOnComplete: true,
        },
        Presets.shades_classic,
      )
    : undefined
  bar?.start(Math.max(1, total), 0, { items: '0', rate: '0' })
  return {
    update: (done, items) => {
      bar?.update(Math.min(done, total), {
        items: items.toLocaleString('en'),
        rate: perSecond(items),
      })
    },
    note: (text) => {
      // The bar's line is cleared and drawn again below the text.
      process.stderr.write(`${bar ? '\r\u001b[2K' : ''}${text}\n`)
    },
    finish: (summary) => {
      bar?.stop()
      process.stderr.write(`${summary}\n`)
    },
  }
}
