import fc from 'fast-check'

const token = fc.oneof(
  fc.constantFrom(
    'state=UP',
    'state="UP"',
    'user="bob"',
    'user=bob',
    'done=true',
    'at=',
    '"orders"',
    '(class=a.b.C)',
    '/var/a',
    'java.io.X:',
    'java.io.XError:',
    'Cache::fill',
    'order.created',
    'a.b()',
    'read/write',
    '()',
    'rhost=',
    'LOGIN(uid=0)',
    'peer:',
    'f.txt',
    '10.0.0.1:80:Got',
  ),
  fc.stringMatching(/^[a-z]{1,5}$/),
  fc.tuple(fc.stringMatching(/^[a-z]{1,4}$/), fc.nat()).map(([name, n]) => `${name}-${n}`),
  fc.ipV4(),
  fc.string({ maxLength: 6 }),
)

/** Bodies of a few tokens of the kinds that a pattern's key treats apart. */
export const body = fc
  .array(token, { minLength: 1, maxLength: 6 })
  .map((tokens) => tokens.join(' '))
