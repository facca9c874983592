/** Signs that are not seen, and letters in their wide form: with them in it a secret looks like none. */
const disguise = /[\u00ad\u200b-\u200f\u2060\ufeff\uff01-\uff5e]/

/** A text without the signs that hide a secret from a rule; itself when it has none. */
export function unmask(text: string): string {
  if (!disguise.test(text)) return text
  return text
    .replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, '')
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
}
