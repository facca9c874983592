/** The media type of a Content-Type or Accept entry: lower case, without parameters; empty when there is none. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase().slice(0, 80) ?? ''
}
