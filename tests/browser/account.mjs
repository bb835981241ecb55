// A first sign-in, one-time codes, sessions, tries: by the pages alone. `node account.mjs PROGRAM`.
import { get } from 'node:http'
import { launch, person } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { MINUTE_MS, signIn, start } from './lib/fake.mjs'
import { look } from './lib/look.mjs'
import { code } from './lib/totp.mjs'

const STEP_MS = 30_000
const browser = await launch()
const fake = await start(process.argv[2])
const url = fake.urls.police
const open = () => person(browser, url)

// An administrator adds somebody; they choose a password with the start code.
const administrator = await open()
await signIn(administrator.page, url, 'm700', fake.password)
await administrator.page.goto('/administration')
await administrator.page.locator('#person').fill('n900')
await administrator.page.locator('#name').fill('N. Newcomer')
await administrator.page.getByLabel('Analyst', { exact: true }).check()
await administrator.page.getByRole('button', { name: 'Add and show the start code' }).click()
const startCode = (await administrator.page.locator('p.app-hash').innerText()).trim()
check('a start code is shown', startCode.length >= 16, startCode)
const newcomer = await open()
await newcomer.page.goto('/sign-in')
await newcomer.page.locator('#person').fill('n900')
await newcomer.page.locator('input[name=password]').fill(startCode)
await newcomer.page.getByRole('button', { name: 'Sign in' }).click()
check('a start code leads to choosing a password', new URL(newcomer.page.url()).pathname === '/choose-password', newcomer.page.url())
await choose(newcomer.page, 'n900', startCode, 'copper meadow whistle 77')
await signIn(newcomer.page, url, 'n900', 'copper meadow whistle 77')
check('they are in', new URL(newcomer.page.url()).pathname === '/matches', newcomer.page.url())

// One-time codes from now on. The clock of the partnership is the server's.
await newcomer.page.goto('/account')
await newcomer.page.getByRole('button', { name: 'Set up an authenticator' }).click()
await look(newcomer, 'authenticator')
const secret = (await newcomer.page.locator('p.app-pre').first().innerText()).replace(/\s/g, '')
await newcomer.page.locator('#code').fill('000000')
await newcomer.page.getByRole('button', { name: 'Confirm' }).click()
check('a wrong code is refused', (await newcomer.page.locator('main').innerText()).includes('code'))
await newcomer.page.goto('/account')
await newcomer.page.getByRole('button', { name: 'Set up an authenticator' }).click()
const fresh = (await newcomer.page.locator('p.app-pre').first().innerText()).replace(/\s/g, '')
check('each set-up has a secret of its own', fresh !== secret)
await newcomer.page.locator('#code').fill(code(fresh, await fake.now()))
await newcomer.page.getByRole('button', { name: 'Confirm' }).click()
await look(newcomer, 'account-with-authenticator')
await newcomer.page.getByRole('button', { name: 'Sign out' }).click()
await newcomer.page.waitForURL((u) => u.searchParams.get('said') === 'out')
// Clearing what the browser kept of the site gives the page a new process; until it is there nothing can go back.
await newcomer.page.waitForLoadState('networkidle')
for (let tries = 0; new URL(newcomer.page.url()).searchParams.get('said') === 'out' && tries < 10; tries++) {
  await newcomer.page.goBack().catch(() => newcomer.page.waitForTimeout(300))
}
await newcomer.page.reload()
check('going back shows nothing', newcomer.page.url().includes('/sign-in?back='), newcomer.page.url())
await attempt(newcomer.page, 'n900', 'copper meadow whistle 77', '')
check('without a code nobody comes in', newcomer.page.url().includes('/sign-in'))
await fake.later(STEP_MS)
const good = code(fresh, await fake.now())
await attempt(newcomer.page, 'n900', 'copper meadow whistle 77', good)
check('with a code they do', !newcomer.page.url().includes('/sign-in'), newcomer.page.url())
const thief = await open()
await attempt(thief.page, 'n900', 'copper meadow whistle 77', good)
check('no code opens twice', thief.page.url().includes('/sign-in'))

// Sessions: listed, ended from elsewhere.
const other = await open()
await signIn(other.page, url, 'a100', fake.password)
const here = await open()
await signIn(here.page, url, 'a100', fake.password)
await here.page.goto('/account')
check('both sessions are listed', (await here.page.locator('tbody tr').count()) === 2)
await here.page.getByRole('button', { name: /^End/ }).first().click()
await other.page.goto('/matches')
check('a session ended from elsewhere is over', other.page.url().includes('/sign-in'), other.page.url())

// A cookie of one agency opens nothing at another; a session nobody uses ends.
const cookies = await here.context.cookies(url)
const stolen = cookies.map((c) => `${c.name}=${c.value}`).join('; ')
same('at its own agency the cookie opens the queue', await status(url, '/matches', stolen), 200)
same('a cookie of one agency opens nothing at another', await status(fake.urls.charity, '/matches', stolen), 303)
check('the cookie is out of reach of scripts', cookies.every((c) => c.httpOnly && c.secure))
await fake.later(16 * MINUTE_MS)
await here.page.goto('/matches')
check('a session nobody uses ends', here.page.url().includes('/sign-in'))
await look(here, 'sign-in-after-idle')

// Before it does so on an open page, the page says so and one key keeps it.
const idle = await open()
await signIn(idle.page, url, 'a101', fake.password)
await idle.page.clock.install()
await idle.page.goto('/matches')
const warning = idle.page.getByRole('alertdialog')
check('nothing is said at first', !(await warning.isVisible()))
await idle.page.clock.fastForward(13 * MINUTE_MS + 1_000)
check('the end of the session is announced', await warning.isVisible())
check('and has the focus', await idle.page.evaluate(() => document.activeElement.closest('[role=alertdialog]') !== null))
await idle.page.clock.resume()
await look(idle, 'session-about-to-end')
await idle.page.keyboard.press('Enter')
await warning.waitFor({ state: 'hidden', timeout: 10_000 }).catch(() => {})
check('one key keeps it', !(await warning.isVisible()) && idle.page.url().includes('/matches'))

// Where to after signing in: only to a page of this console.
for (const evil of ['https://evil.example/', '//evil.example/', '/\\evil.example']) {
  const guest = await open()
  await guest.page.goto('/sign-in?back=' + encodeURIComponent(evil))
  await guest.page.locator('#person').fill('a101')
  await guest.page.locator('input[name=password]').fill(fake.password)
  await guest.page.getByRole('button', { name: 'Sign in' }).click()
  await guest.page.waitForLoadState()
  same(`nobody is sent to ${evil}`, new URL(guest.page.url()).origin, new URL(url).origin)
  await guest.context.close()
}

fake.stop()
await finish(browser)

async function choose(page, who, old, fresh) {
  await page.locator('#person').fill(who)
  await page.locator('input[name=password]').fill(old)
  await page.locator('input[name=new]').fill(fresh)
  await page.locator('input[name=again]').fill(fresh)
  await page.locator('main form button[type=submit], main form button.govuk-button').last().click()
  await page.waitForURL((u) => u.pathname === '/sign-in')
}

async function attempt(page, who, password, one) {
  await page.goto('/sign-in')
  await page.locator('#person').fill(who)
  await page.locator('input[name=password]').fill(password)
  if (one) await page.locator('#code').fill(one)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForLoadState()
}

// A request as a thief sends it: no browser, only the cookie.
function status(origin, path, cookie) {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const headers = { host: `${hostname}:${port}`, cookie }
    get({ host: '127.0.0.1', port, path, headers }, (reply) => resolve(reply.resume().statusCode)).on('error', reject)
  })
}
