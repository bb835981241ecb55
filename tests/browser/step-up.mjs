// Before what matters most people show once more that it is them, with password and code, and lose nothing that they
// had typed: with and without JavaScript. `node step-up.mjs PROGRAM`.
import { launch, person } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { MINUTE_MS, signIn, start } from './lib/fake.mjs'
import { look } from './lib/look.mjs'
import { code } from './lib/totp.mjs'

const browser = await launch()
const fake = await start(process.argv[2])
const url = fake.urls.police
const path = (page) => new URL(page.url()).pathname
const main = (page) => page.locator('main').innerText()

for (const script of [true, false]) {
  const admin = await person(browser, url, { script })
  const { page } = admin
  const who = script ? 'm700' : 'm701'
  await signIn(page, url, who, fake.password)
  // An authenticator, so that the proof takes both.
  await page.goto('/account')
  await page.getByRole('button', { name: 'Set up an authenticator' }).click()
  const secret = (await page.locator('p.app-pre').first().innerText()).replace(/\s/g, '')
  await page.locator('#code').fill(code(secret, await fake.now()))
  await page.getByRole('button', { name: 'Confirm' }).click()
  await page.goto('/administration')
  await fake.later(6 * MINUTE_MS)
  const number = script ? 'n911' : 'n912'
  await page.locator('#person').fill(number)
  await page.locator('#name').fill('Typed, "kept" & <shown>')
  await page.getByLabel('Releaser', { exact: true }).check()
  await page.getByRole('button', { name: 'Add and show the start code' }).click()
  same(`a proof is asked for, script ${script}`, path(page), '/prove')
  check(`it says for what, script ${script}`, (await main(page)).includes('Add the person'))
  if (script) await look(admin, 'prove')
  await page.locator('input[name=password]').fill('wrong words entirely')
  await page.getByRole('button', { name: 'Go on' }).click()
  check(`a wrong one is refused, script ${script}`, (await main(page)).includes('There is a problem'))
  if (script) await look(admin, 'prove-wrong')
  await page.locator('input[name=password]').fill(fake.password)
  await page.getByRole('button', { name: 'Go on' }).click()
  check(`without the code too, script ${script}`, path(page) === '/prove' && (await main(page)).includes('There is a problem'))
  const old = (await admin.context.cookies(url)).find((c) => c.name === '__Host-sid')
  await page.locator('input[name=password]').fill(fake.password)
  await page.locator('#code').fill(code(secret, await fake.now()))
  await page.getByRole('button', { name: 'Go on' }).click()
  same(`it leads back, script ${script}`, path(page), '/prove/go-on')
  await page.getByRole('button', { name: 'Add the person' }).click()
  check(`nothing was lost, script ${script}`, (await main(page)).includes(`Start code for ${number}`), await main(page))
  await page.goto('/administration/' + number)
  check(`nor changed, script ${script}`, (await main(page)).includes('Typed, "kept" & <shown>') && (await page.getByLabel('Releaser', { exact: true }).isChecked()), await main(page))
  const thief = await person(browser, url)
  await thief.context.addCookies([old])
  await thief.page.goto('/administration')
  same(`the old session opens nothing, script ${script}`, path(thief.page), '/sign-in')
  // Turning back does nothing.
  await fake.later(6 * MINUTE_MS)
  await page.getByLabel('Releaser', { exact: true }).uncheck()
  await page.getByLabel('Analyst', { exact: true }).check()
  await page.locator('main form button').first().click()
  same(`a change of roles asks too, script ${script}`, path(page), '/prove')
  await page.getByRole('link', { name: 'Back, without doing it' }).click()
  check(`turning back changes nothing, script ${script}`, path(page) === '/administration/' + number && (await page.getByLabel('Releaser', { exact: true }).isChecked()), page.url())
}

// Far more refused sign-ins than people mistype: the supervisor is told.
const attacker = await person(browser, url, { script: false })
for (let n = 0; n < 52; n++) {
  await attacker.page.goto('/sign-in')
  await attacker.page.locator('#person').fill(n % 2 ? 'a100' : 'nobody' + n)
  await attacker.page.locator('input[name=password]').fill('guess number ' + n)
  await attacker.page.getByRole('button', { name: 'Sign in' }).click()
}
check('the attacker is not in', path(attacker.page) === '/sign-in')
const supervisor = await person(browser, url)
await signIn(supervisor.page, url, 's300', fake.password)
await supervisor.page.goto('/supervisor')
const overview = await main(supervisor.page)
check('many refused sign-ins are told', overview.includes('sign-ins were refused in the last 10 minutes'), overview)
check('and whose sign-in is paused', overview.includes('(a100)') && !/nobody\d/.test(overview), overview)
await look(supervisor, 'supervisor-burst')

fake.stop()
await finish(browser)
