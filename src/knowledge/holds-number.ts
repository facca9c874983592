/** A number as a line holds it: not as a part of a longer one, a decimal or a word. For PostgreSQL and for JavaScript alike. */
export function numberSource(number: string): string {
  return `(^|[^0-9A-Za-z_.])${number}($|[^0-9A-Za-z_.]|\\.($|[^0-9]))`
}

export function holdsNumbers(text: string, numbers: readonly string[]): boolean {
  return numbers.every((number) => new RegExp(numberSource(number)).test(text))
}
