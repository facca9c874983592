import { describe, expect, it } from 'vitest'
import { fileProblem } from '../../../../src/pipeline/sinks/files/file-problem.ts'

const errno = (code: string) => Object.assign(new Error(code), { code })

describe('fileProblem', () => {
  it.each([
    ['ENOSPC', 'disk_full', true],
    ['EDQUOT', 'disk_full', true],
    ['EMFILE', 'resource_in_use', true],
    ['EACCES', 'invalid_argument', false],
    ['EROFS', 'invalid_argument', false],
    ['EIO', 'internal', false],
  ])('says of %s that it is %s', (code, expected, retryable) => {
    const problem = fileProblem(errno(code), 'archiving')
    expect(problem).toMatchObject({ code: expected, retryable, details: { errno: code } })
    expect(problem.message).toMatch(/^archiving: /)
  })
})
