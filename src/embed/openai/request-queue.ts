import { MillraceError } from '../../base/errors.ts'
import type { EmbedOptions, EmbedUsage } from '../embedder.ts'
import { embedInputs } from './embed-inputs.ts'
import type { EmbeddingsClient } from './embeddings-client.ts'
import { fillRequest, type Input, type RequestLimits } from './fill-request.ts'
import { splitTokens } from './split-tokens.ts'

export interface RequestQueue {
  /** Resolves once each input has its vector, told through `onVectors`, or is known to have none. */
  embed(inputs: readonly Input[], options: EmbedOptions): Promise<void>
  /** Fails every call with `aborted` and resolves when no request is under way. */
  close(): Promise<void>
}

interface Call {
  options: EmbedOptions
  /** Inputs that have no outcome yet. */
  left: number
  isSettled: boolean
  outcome: PromiseWithResolvers<void>
}

interface Item extends Input {
  call: Call
}

interface Request {
  items: readonly Item[]
  isFull: boolean
  controller: AbortController
}

/**
 * Fills requests to the provider's limits with the texts of all calls that are under way.
 *
 * Guarantees: at most `parallel` requests at a time, in the order in which their texts came. A full request leaves as
 * soon as there is a place. One that is not full leaves at once when fewer than half of the places are taken by such;
 * otherwise its texts wait, and those of later calls collect with them, until it is full or one of those is answered.
 * So a call on an idle queue never waits, calls made in one turn of the event loop go together, and there is no timer.
 *
 * States of a text: waiting -> under way -> done (a vector, or none), or failed. A call fails with the first of its
 * texts that does; its waiting texts are dropped then, and a request is aborted once no call waits for it any more.
 * A call that is aborted or fails therefore takes nothing from the others whose texts it shared requests with.
 *
 * Everything is in memory: a crash loses what was not yet told through `onVectors`, `parallel` requests at most.
 */
export function createRequestQueue(
  client: EmbeddingsClient,
  options: { limits: RequestLimits; parallel: number },
): RequestQueue {
  const { limits, parallel } = options
  const mostPartial = Math.ceil(parallel / 2)
  const requests = new Map<Request, Promise<void>>()
  const calls = new Set<Call>()
  let waiting: Item[] = []
  let isClosed = false
  let isDue = false

  const isWanted = ({ call }: Item) => !call.isSettled

  const settle = (call: Call) => {
    call.isSettled = true
    calls.delete(call)
  }

  const fail = (call: Call, error: unknown) => {
    if (call.isSettled) return
    settle(call)
    waiting = waiting.filter(isWanted)
    for (const { items, controller } of requests.keys())
      if (!items.some(isWanted)) controller.abort()
    call.outcome.reject(error)
  }

  const done = (items: readonly Item[], vectors: readonly (Float32Array | null)[]) => {
    const places = Map.groupBy(items.keys(), (place) => items[place]?.call)
    for (const [call, mine] of places) {
      if (call === undefined || call.isSettled) continue
      const found = new Map<number, Float32Array>()
      for (const place of mine) {
        const vector = vectors[place]
        const item = items[place]
        if (vector && item) found.set(item.index, vector)
      }
      if (found.size > 0) call.options.onVectors?.(found)
      call.left -= mine.length
      if (call.left > 0) continue
      settle(call)
      call.outcome.resolve()
    }
  }

  const failed = (items: readonly Item[], error: unknown) => {
    for (const { call } of items) fail(call, error)
  }

  const used = (items: readonly Item[], { requests: count, tokens }: EmbedUsage) => {
    const bytes = new Map<Call, number>()
    for (const item of items)
      if (isWanted(item)) bytes.set(item.call, (bytes.get(item.call) ?? 0) + item.bytes)
    const shares = splitTokens(tokens, [...bytes.values()])
    for (const [place, { options: told }] of [...bytes.keys()].entries()) {
      const share = { requests: place === 0 ? count : 0, tokens: shares[place] ?? 0 }
      if (share.requests + share.tokens > 0) told.onUsage?.(share)
    }
  }

  const send = (items: readonly Item[], isFull: boolean) => {
    const controller = new AbortController()
    const request: Request = { items, isFull, controller }
    const run = embedInputs(
      client,
      items,
      { limits, signal: controller.signal },
      { done, failed, used, isWanted },
    ).finally(() => {
      requests.delete(request)
      dispatch()
    })
    requests.set(request, run)
  }

  const dispatch = () => {
    isDue = false
    while (waiting.length > 0 && requests.size < parallel) {
      const { count, isFull } = fillRequest(waiting, limits)
      const partial = [...requests.keys()].filter((request) => !request.isFull).length
      if (!isFull && partial >= mostPartial) return
      send(waiting.splice(0, count), isFull)
    }
  }

  return {
    async embed(inputs, told) {
      const { signal } = told
      if (isClosed) throw closed()
      if (signal?.aborted) throw aborted()
      if (inputs.length === 0) return
      const outcome = Promise.withResolvers<void>()
      const call: Call = { options: told, left: inputs.length, isSettled: false, outcome }
      calls.add(call)
      for (const input of inputs) waiting.push({ ...input, call })
      if (!isDue) queueMicrotask(dispatch)
      isDue = true
      const onAbort = () => fail(call, aborted())
      signal?.addEventListener('abort', onAbort, { once: true })
      try {
        await outcome.promise
      } finally {
        signal?.removeEventListener('abort', onAbort)
      }
    },
    async close() {
      isClosed = true
      for (const call of [...calls]) fail(call, closed())
      await Promise.all(requests.values())
    },
  }
}

function aborted(): MillraceError {
  return new MillraceError('aborted', 'embedding was aborted')
}

function closed(): MillraceError {
  return new MillraceError('aborted', 'the embedder was closed')
}
