import { type ErrorCode, type ErrorOptions, MillraceError } from '../base/errors.ts'

export interface HttpErrorOptions extends ErrorOptions {
  /** Further headers of the reply. */
  headers?: Readonly<Record<string, string>>
}

/** An error of the protocol, whose status says more than its code does: 403, 415. */
export class HttpError extends MillraceError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: ErrorCode, message: string, options: HttpErrorOptions = {}) {
    super(code, message, options)
    this.name = 'HttpError'
    this.status = status
    this.headers = options.headers ?? {}
  }
}
