import { applications } from './glossary/applications.ts'
import { machines } from './glossary/machines.ts'
import { network } from './glossary/network.ts'
import { type GlossaryEntry, readEntries } from './glossary/read-entries.ts'

/**
 * The vocabulary of operations in plain words: what `no space left on device` means to somebody who only knows that nothing
 * can be saved any more. It knows the field and no system: what names one product, its services or its formats does not
 * belong here.
 */
export const glossary: readonly GlossaryEntry[] = [machines, network, applications].flatMap(
  readEntries,
)
