// Nothing of a record, and nothing that was typed, in any address, title, header, name of a file, notification,
// storage of a browser or line of a log.
import { trails } from './browser.mjs'
import { check } from './checks.mjs'
import { Identifiers } from './identifiers.mjs'

// Every line of a log once, without its time.
const STAMP = /^\S*\d{4}-\d{2}-\d{2}T\S+\s*/

export async function nothingPersonal(name, identifiers, log) {
  for (const trail of trails) await trail.gather()
  check(`${name} wrote a log`, log.length > 0)
  tell(`${name}: the log`, [identifiers, typed()], linesOf(log))
  const kinds = new Map()
  for (const trail of trails) for (const [kind, texts] of trail.kinds) kinds.set(kind, [...(kinds.get(kind) ?? []), ...texts])
  check('addresses, titles and storage were noted', ['address', 'title', 'storage'].every((k) => kinds.has(k)), [...kinds.keys()].join())
  for (const [kind, texts] of kinds) tell(`${name}: ${kind}`, [identifiers, typed()], [...new Set(texts)].join('\n'))
}

export const linesOf = (log) => [...new Set(log.map((line) => line.replace(STAMP, '')))].join('\n')

// What people typed in this run: sentences and passwords, not single words.
const typed = () => new Identifiers(trails.flatMap((trail) => [...trail.typed]))

function tell(where, all, text) {
  const found = all.flatMap((identifiers) => identifiers.in(text))
  check(`nothing personal in ${where}`, found.length === 0, found.slice(0, 5).join('; '))
}
