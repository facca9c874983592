import { expect, test } from 'vitest'
import { toMillraceError } from '../../src/db/sqlstate.ts'

test.each(['26000', '42P05'])('%s is nobody’s record’s fault, and says what to do', (code) => {
  const error = toMillraceError(
    Object.assign(new Error('prepared statement "secret" does not exist'), { code }),
    'working',
  )
  expect(error).toMatchObject({ code: 'database_unavailable', retryable: true })
  expect(error.message).toContain(`(${code})`)
  expect(error.message).toContain('pooler')
  expect(error.message).not.toContain('secret')
})
