import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'

/** A log line as it is appended: the JSON that a Kubernetes collector sends, and its pod as the partition key. */
export interface BenchLine {
  partitionKey: string
  data: Buffer
  /** The line itself. */
  text: string
}

/** Lines of a folder's *.log and *.txt files (each file a pod), shuffled; of several services made up when there is none. */
export async function loadLines(dir: string | undefined, count = 20_000): Promise<BenchLine[]> {
  const random = createRandom(20_261_127)
  const sources = dir === undefined ? makeSources(random, count) : await readSources(dir)
  const all = sources.flatMap(({ name, lines }) =>
    lines.map((text) => ({ pod: `${name}-7d9f8b6c5d-${name.length}x2k4q`, name, text })),
  )
  for (let index = all.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1))
    const [a, b] = [all[index], all[other]]
    if (a && b) [all[index], all[other]] = [b, a]
  }
  return all.map(({ pod, name, text }, index) => ({
    partitionKey: `${pod}-${index % 12}`,
    text,
    data: Buffer.from(
      JSON.stringify({
        date: 1_763_912_345.123 + index / 1000,
        log: text,
        stream: 'stderr',
        kubernetes: {
          pod_name: pod,
          namespace_name: 'prod',
          container_name: name,
          host: `ip-10-0-3-${17 + (index % 5)}`,
        },
      }),
    ),
  }))
}

interface Source {
  name: string
  lines: string[]
}

async function readSources(dir: string): Promise<Source[]> {
  const names = await readdir(dir, { recursive: true })
  const files = names.filter((name) => ['.log', '.txt'].includes(extname(name))).sort()
  if (files.length === 0)
    throw new Error(`expected *.log or *.txt files with log lines in ${dir}, found none`)
  return Promise.all(
    files.map(async (file) => ({
      name: basename(file, extname(file))
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '-'),
      lines: (await readFile(join(dir, file), 'latin1')).split(/\r?\n/).filter((line) => line),
    })),
  )
}

/** A small generator (mulberry32), so that every run has the same lines. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What six kinds of programs say, with numbers, ids and addresses that differ from line to line. */
function makeSources(random: () => number, count: number): Source[] {
  const int = (below: number) => Math.floor(random() * below)
  const pick = <T>(items: readonly T[]) => items[int(items.length)] as T
  const hex = (length: number) => Array.from({ length }, () => int(16).toString(16)).join('')
  const ip = () => `10.${int(4)}.${int(250)}.${int(250)}`
  const two = (value: number) => String(value).padStart(2, '0')
  const clock = (index: number) =>
    `${two(10 + (Math.floor(index / 3600) % 12))}:${two(Math.floor(index / 60) % 60)}:${two(index % 60)}`
  const kinds: Record<string, ((at: string) => string)[]> = {
    checkout: [
      (at) =>
        `2026-11-23T${at}.${int(900) + 100}Z INFO order ${int(1e6)} placed by user ${int(5e4)} total=${int(900)}.${two(int(100))} EUR items=${int(9) + 1}`,
      (at) =>
        `2026-11-23T${at}.${int(900) + 100}Z INFO payment ${hex(12)} authorised in ${int(800)} ms provider=${pick(['adyen', 'stripe', 'klarna'])}`,
      (at) =>
        `2026-11-23T${at}.${int(900) + 100}Z WARN retrying inventory call attempt=${int(4) + 1} sku=SKU-${int(9e4)} after ${int(2000)} ms`,
      (at) =>
        `2026-11-23T${at}.${int(900) + 100}Z ERROR payment ${hex(12)} failed: upstream connect error or disconnect/reset before headers, reset reason: connection timeout`,
    ],
    nginx: [
      (at) =>
        `${ip()} - - [23/Nov/2026:${at} +0000] "GET /api/orders/${int(1e6)} HTTP/1.1" ${pick([200, 200, 200, 304, 404])} ${int(9000)} "-" "Mozilla/5.0 (X11; Linux x86_64)" rt=0.${int(900)}`,
      (at) =>
        `${ip()} - - [23/Nov/2026:${at} +0000] "POST /api/cart HTTP/1.1" ${pick([201, 201, 400, 502])} ${int(900)} "https://shop.example/cart" "okhttp/4.12.0" rt=0.${int(900)}`,
    ],
    postgres: [
      (at) =>
        `2026-11-23 ${at}.${int(900)} UTC [${int(3e4)}] LOG:  duration: ${int(4000)}.${int(900)} ms  statement: select * from orders where customer_id = ${int(5e4)} order by created_at desc limit 50`,
      (at) =>
        `2026-11-23 ${at}.${int(900)} UTC [${int(3e4)}] LOG:  checkpoint complete: wrote ${int(9000)} buffers (${int(90)}.${int(9)}%); 0 WAL file(s) added, ${int(4)} removed, ${int(9)} recycled`,
      (at) =>
        `2026-11-23 ${at}.${int(900)} UTC [${int(3e4)}] ERROR:  deadlock detected DETAIL: Process ${int(3e4)} waits for ShareLock on transaction ${int(9e6)}; blocked by process ${int(3e4)}`,
    ],
    search: [
      (at) =>
        `[2026-11-23T${at},${int(900)}][INFO ][o.e.c.m.MetadataMappingService] [node-${int(5)}] [logs-${int(40)}/${hex(22)}] update_mapping [_doc]`,
      (at) =>
        `[2026-11-23T${at},${int(900)}][WARN ][o.e.m.j.JvmGcMonitorService] [node-${int(5)}] [gc][${int(9e5)}] overhead, spent [${int(900)}ms] collecting in the last [1.${int(9)}s]`,
    ],
    kernel: [
      (at) =>
        `Nov 23 ${at} ip-10-0-3-${int(30)} kernel: [${int(9e5)}.${int(9e5)}] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),task=java,pid=${int(3e4)},uid=1000`,
      (at) =>
        `Nov 23 ${at} ip-10-0-3-${int(30)} sshd[${int(3e4)}]: Failed password for invalid user ${pick(['admin', 'oracle', 'test', 'guest'])} from ${ip()} port ${int(6e4)} ssh2`,
      (at) => `Nov 23 ${at} ip-10-0-3-${int(30)} systemd[1]: session-${int(9e4)}.scope: Succeeded.`,
    ],
    gateway: [
      (at) =>
        `{"level":${pick([30, 30, 30, 40, 50])},"time":"2026-11-23T${at}Z","pid":${int(3e4)},"req":{"id":"${hex(16)}","method":"GET","url":"/v1/items/${int(1e6)}"},"res":{"statusCode":${pick([200, 200, 500])}},"responseTime":${int(900)},"msg":"request completed"}`,
    ],
  }
  const names = Object.keys(kinds)
  return names.map((name, source) => ({
    name,
    lines: Array.from({ length: Math.ceil(count / names.length) }, (_, index) =>
      pick(kinds[name] ?? [])(clock(index * 7 + source)),
    ),
  }))
}
