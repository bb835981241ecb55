// The made-up partnership of `crates/console/examples/fake`, as a child process that the tests speak to. Whatever it
// logs, at every level, is looked through at the end.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { atEnd } from './checks.mjs'
import { Identifiers } from './identifiers.mjs'
import { nothingPersonal } from './privacy.mjs'

export async function start(program, matches = 30, words = []) {
  const env = { ...process.env, RUST_LOG: 'trace' }
  const child = spawn(program, ['0', String(matches), ...words], { stdio: ['pipe', 'pipe', 'pipe'], env })
  const log = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.push(line)
    if (/ERROR|panicked/.test(line)) console.log(line)
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the made-up partnership has ended')
    return value
  }
  const { consoles, password } = JSON.parse(await line())
  const say = async (words) => {
    child.stdin.write(words + '\n')
    return line()
  }
  const values = JSON.parse(await say('identifiers'))
  const identifiers = new Identifiers(values)
  atEnd(() => nothingPersonal('the made-up partnership', identifiers, log))
  return {
    log,
    identifiers,
    values,
    say,
    urls: Object.fromEntries(consoles.map((c) => [c.agency, c.url])),
    password,
    later: (ms) => say(`later ${ms}`),
    // The partnership's own time: codes and clocks go by it.
    now: async () => Number(await say('now')),
    hub: (state) => say(`hub ${state}`),
    // At the very end: an open page that listens for news would tell of a server that has gone.
    stop: () => atEnd(() => child.stdin.end()),
  }
}

export const MINUTE_MS = 60_000
export const DAY_MS = 24 * 60 * MINUTE_MS

// Signs a person in by the page itself.
export async function signIn(page, url, who, password, code = '') {
  await page.goto(url + '/sign-in')
  await page.getByLabel('Staff number').fill(who)
  await page.locator('input[name=password]').fill(password)
  if (code) await page.getByLabel('Code from your authenticator').fill(code)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((u) => !u.pathname.startsWith('/sign-in'))
}
