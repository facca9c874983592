import { isMillraceError, MillraceError, messageOf } from '../../../base/errors.ts'

const full = new Set(['ENOSPC', 'EDQUOT'])
const busy = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ENOENT', 'ESTALE', 'ENOMEM'])
const refused = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EISDIR'])

/** Translates what the file system threw: a full disk and a passing shortage may be tried again, a wrong folder not. */
export function fileProblem(error: unknown, action: string): MillraceError {
  if (isMillraceError(error)) return error
  const errno = errnoOf(error)
  const details = { errno: errno ?? 'none' }
  if (errno !== undefined && full.has(errno))
    return new MillraceError(
      'disk_full',
      `${action}: the disk is full (${errno}); free space there, the batch is tried again`,
      { retryable: true, details, cause: error },
    )
  if (errno !== undefined && busy.has(errno))
    return new MillraceError(
      'resource_in_use',
      `${action}: the file system has no room for it now or the folder was removed (${errno}); it is tried again`,
      { retryable: true, details, cause: error },
    )
  if (errno !== undefined && refused.has(errno))
    return new MillraceError(
      'invalid_argument',
      `${action}: the folder cannot be written (${errno}); give the worker a folder of its own with the right to write`,
      { details, cause: error },
    )
  return new MillraceError('internal', `${action}: ${errno ?? messageOf(error)}`, {
    details,
    cause: error,
  })
}

/** The errno name, such as ENOSPC. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
