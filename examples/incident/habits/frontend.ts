import { accessTime } from '../formats.ts'
import { clientIp, skus, userAgents } from '../people.ts'
import type { Random } from '../random.ts'
import { fixed, type Habit } from './habit.ts'

const access = (path: (random: Random) => string, code: (random: Random) => number) => {
  return (random: Random, at: number) => {
    const seconds = (random.int(2, 90) / 1000).toFixed(3)
    return `${clientIp(random)} - - [${accessTime(at)}] "GET ${path(random)} HTTP/1.1" ${code(random)} ${random.int(300, 42_000)} "-" "${random.pick(userAgents)}" ${seconds} ${random.hex(32)}`
  }
}
const status = (code: number) => () => code

export const frontendHabits: readonly Habit[] = [
  {
    app: 'frontend',
    everySeconds: 0.6,
    source: fixed('access'),
    message: access((random) => `/products/${random.pick(skus)}`, status(200)),
  },
  {
    app: 'frontend',
    everySeconds: 1.1,
    source: fixed('access'),
    message: access((random) => `/search?q=${random.pick(['lamp', 'rug', 'tea'])}`, status(200)),
  },
  {
    app: 'frontend',
    everySeconds: 1.4,
    source: fixed('access'),
    message: access(
      (random) => `/assets/app.${random.hex(8)}.js`,
      (random) => random.pick([200, 304]),
    ),
  },
  {
    app: 'frontend',
    everySeconds: 40,
    source: fixed('access'),
    message: access(
      (random) => random.pick(['/wp-login.php', '/.env', '/favicon.ico']),
      status(404),
    ),
  },
  {
    app: 'frontend',
    everySeconds: 90,
    level: 'warn',
    source: fixed('error'),
    message: (random) =>
      `*${random.int(40_000, 99_999)} a client request body is buffered to a temporary file /var/cache/nginx/client_temp/${random.int(1000, 9999)}, client: ${clientIp(random)}, server: shop.example`,
  },
]
