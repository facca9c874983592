/** A number as a line holds it: not as a part of a longer one, a decimal or a word. For PostgreSQL and for JavaScript alike. */
export function numberSource(number: string): string {
  return `(^|[^0-9A-Za-z_.])${number}($|[^0-9A-Za-z_.]|\\.($|[^0-9]))`
}

/** A status of HTTP as a line gives it: behind the protocol, or behind its name. */
export function statusSource(status: string): string {
  return `([Ss]tatus|STATUS|[Cc]ode|CODE)["']?[ :=]{1,3}["']?${status}($|[^0-9])|HTTP/[0-9.]+"? +${status}($|[^0-9])`
}

export function holdsNumbers(text: string, numbers: readonly string[]): boolean {
  return numbers.every((number) => new RegExp(numberSource(number)).test(text))
}
