/** How many workers run a pipeline, or that none does: then it rests, whatever its state is. */
export function formatWorkers(count: number): string {
  return count === 0 ? 'no worker runs it' : `${count} worker${count === 1 ? '' : 's'}`
}
