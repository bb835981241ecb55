// The hub operators' console over a made-up hub: first sign-in, then every page and state looked at in every size and
// both colour schemes. `node operator.mjs PROGRAM`; with SCREENS set, pictures are kept there.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { launch, person } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { look } from './lib/look.mjs'
import { code } from './lib/totp.mjs'

const child = spawn(process.argv[2], ['0'], { stdio: ['pipe', 'pipe', 'inherit'] })
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
const line = async () => JSON.parse((await lines.next()).value)
const { url, person: who, start_code } = await line()
const hub = async (state) => {
  child.stdin.write(state + '\n')
  await line()
}

const password = 'copper lantern over the weir'
const browser = await launch()
const one = await person(browser, url)
const { page } = one

async function go(path, status = 200) {
  const response = await page.goto(path)
  same(`status of ${path}`, response.status(), status)
}

await go('/')
check('who is not signed in is asked to', new URL(page.url()).pathname === '/sign-in')
await look(one, 'operator-sign-in')
await page.getByLabel('Staff number').fill(who)
await page.locator('input[name=password]').fill('wrong')
await page.getByRole('button', { name: 'Sign in' }).click()
check('an error is told in the title', (await page.title()).startsWith('Error: '))
await look(one, 'operator-sign-in-error')
await go('/choose-password')
await look(one, 'operator-choose-password')
await page.locator('#person').fill(who)
await page.locator('input[name=password]').fill(start_code)
await page.locator('input[name=new]').fill(password)
await page.locator('input[name=again]').fill(password)
await page.getByRole('button', { name: 'Choose this password' }).click()
await page.waitForURL((u) => u.pathname === '/sign-in')
await page.getByLabel('Staff number').fill(who)
await page.locator('input[name=password]').fill(password)
await page.getByRole('button', { name: 'Sign in' }).click()
await page.waitForURL((u) => u.pathname === '/code')
await look(one, 'operator-authenticator')
await page.getByRole('button', { name: 'Set up an authenticator' }).click()
await look(one, 'operator-authenticator-secret')
const secret = await page.locator('.app-pre').first().innerText()
await page.locator('#code').fill(code(secret))
await page.getByRole('button', { name: 'Confirm' }).click()
await page.waitForURL((u) => u.pathname === '/')

const pages = ['agencies', 'keys', 'ledger', 'editions', 'refusals', 'operators']
for (const state of ['well', 'silent']) {
  await hub(state)
  await go('/')
  await look(one, `operator-overview-${state}`)
  for (const name of pages) {
    await go('/' + name)
    await look(one, `operator-${name}-${state}`)
  }
}
await go('/agencies')
check('a silent agency is named', /silent since/i.test(await page.locator('main').innerText()))
await hub('stale')
await go('/')
await look(one, 'operator-overview-stale')
await hub('nothing')
await go('/', 503)
// The browser notes it; it is the state that is looked at.
one.heard.splice(0, 1, ...one.heard.slice(0, 1).filter((text) => !text.includes('status of 503')))
await look(one, 'operator-nothing-yet')
await go('/nowhere', 404)
await look(one, 'operator-not-found')
await hub('well')
await go('/operators')
await page.locator('#person').fill('op2')
await page.locator('#name').fill('Ida Moss')
await page.getByRole('button', { name: 'Add and show the start code' }).click()
await look(one, 'operator-start-code')
child.stdin.end()
await finish(browser)
