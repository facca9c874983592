const maxDepth = 4
const maxLength = 16_384

/**
 * Structured fields as one readable line, `key=value nested.key=value`, for records that have no
 * message of their own. Bounded in depth and length.
 */
export function describeFields(fields: Record<string, unknown>): string {
  const parts: string[] = []
  let length = 0
  const visit = (value: unknown, path: string, depth: number): void => {
    if (length > maxLength || value === undefined) return
    if (typeof value === 'object' && value !== null) {
      if (depth >= maxDepth) return
      const object = value as Record<string, unknown>
      for (const key of Object.keys(object)) {
        if (length > maxLength) return
        visit(object[key], path === '' ? key : `${path}.${key}`, depth + 1)
      }
      return
    }
    const part = `${path}=${quote(String(value))}`
    parts.push(part)
    length += part.length + 1
  }
  visit(fields, '', 0)
  return parts.join(' ')
}

function quote(value: string): string {
  return value === '' || /[\s"=]/.test(value) ? JSON.stringify(value) : value
}
