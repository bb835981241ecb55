// The addresses that pages have, from the reviewed table: a new one must be looked at too.
import { appendFileSync, readFileSync } from 'node:fs'

const table = readFileSync(new URL('../../../docs/console-routes.md', import.meta.url), 'utf8')
export const routes = [...table.matchAll(/^\| `(GET|POST) (\S+)` \|/gm)].map(([, verb, path]) => ({ verb, path }))
if (routes.length < 20) throw new Error('docs/console-routes.md has no table of addresses')

// Fixed words win over open parts, as in the router.
const open = (path) => (path.match(/\{/g) ?? []).length
const inOrder = [...routes].sort((a, b) => open(a.path) - open(b.path))

// The address of the table that a page has.
export function routeOf(url) {
  const { pathname } = new URL(url)
  return inOrder.find(({ path }) => new RegExp('^' + path.replace(/\{\w+\}/g, '[^/]+') + '$').test(pathname))?.path
}

// Notes for whoever runs several scripts that the page was looked at. A page that answers a form counts for the form.
export function looked(url) {
  const file = process.env.LOOKED
  const route = routeOf(url)
  if (file && route) appendFileSync(file, route + '\n')
}
