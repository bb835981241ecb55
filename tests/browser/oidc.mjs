// Signing in by a real identity provider, in a browser, with and without JavaScript. `node oidc.mjs PROGRAM`.
import { launch, person } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { MINUTE_MS, start } from './lib/fake.mjs'
import { look } from './lib/look.mjs'
import { SECOND, startProvider } from './lib/provider.mjs'

const provider = await startProvider({
  ada: { claims: { staff_number: 'A101', groups: ['officers', 'all staff'] } },
  sue: { claims: { staff_number: 's300', groups: [] } },
  mia: { claims: { staff_number: 'm700', groups: [] } },
  eve: { claims: { staff_number: 'e999', groups: ['officers'] } },
  sly: { claims: { staff_number: 'm701', groups: ['officers'] } },
  non: { claims: {} },
})
process.env.FAKE_PROVIDER = JSON.stringify(provider.settings)
const browser = await launch()
const fake = await start(process.argv[2])
const url = fake.urls.police
await provider.open(url)

// A browser in which requests to the provider are as they should be.
async function open(options) {
  const one = await person(browser, url, options)
  const forget = () => one.heard.splice(0, one.heard.length, ...one.heard.filter((h) => !h.includes(provider.issuer) && !h.includes('Clear-Site-Data')))
  one.page.on('load', forget)
  one.page.on('request', () => setTimeout(forget, 0))
  return { ...one, forget }
}

// What a person types at the provider.
async function agree(page, account, code = SECOND) {
  await page.waitForURL((u) => u.origin === provider.issuer)
  await page.getByLabel('Account').fill(account)
  await page.getByLabel('Code').fill(code)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL((u) => u.origin === new URL(url).origin)
}

async function signIn(page, account, code, path = '/account') {
  await page.goto(path)
  await page.getByRole('button', { name: /^Sign in with/ }).click()
  await agree(page, account, code)
}

const path = (page) => new URL(page.url()).pathname
const main = (page) => page.locator('main').innerText()

// In, under the address that was asked for, with the roles that the groups give.
const ada = await open()
await ada.page.goto('/matches?kind=same_person')
ada.forget()
await look(ada, 'sign-in-by-provider')
await ada.page.getByRole('button', { name: 'Sign in with your police account' }).click()
await agree(ada.page, 'ada')
same('they come to where they wanted to', ada.page.url(), url + '/matches?kind=same_person')
await ada.page.goto('/account')
check('groups give the role', (await main(ada.page)).toLowerCase().includes('intelligence officer'), await main(ada.page))
check('the session says by what', (await main(ada.page)).includes('by your identity provider'))
const cookies = await ada.context.cookies(url)
const session = cookies.find((c) => c.name === '__Host-sid')
check('the cookie is safe', session.httpOnly && session.secure && session.sameSite === 'Lax' && session.path === '/')
check('nothing of the sign-in is left', !cookies.some((c) => c.name === '__Host-provider'))
ada.forget()
await look(ada, 'account-by-provider')

// Sessions: listed, ended from elsewhere.
const elsewhere = await open()
await signIn(elsewhere.page, 'ada')
await elsewhere.page.goto('/account')
await elsewhere.page.getByRole('button', { name: /^End/ }).first().click()
await ada.page.goto('/matches')
check('a session ended from elsewhere is over', path(ada.page) === '/sign-in', ada.page.url())

// Who is not let in, each with a page that says what to do.
for (const [account, code, says] of [
  ['ada', 'none', 'Sign in with a second factor'],
  ['eve', SECOND, 'You are not in this agency’s register'],
  ['non', SECOND, 'Your account has no staff number'],
  ['sly', SECOND, 'administrator sees no records'],
]) {
  const stranger = await open()
  await signIn(stranger.page, account, code)
  check(`${account} is refused: ${says}`, (await main(stranger.page)).includes(says), await main(stranger.page))
  check(`${account} has no session`, !(await stranger.context.cookies(url)).some((c) => c.name === '__Host-sid'))
  stranger.forget()
  await look(stranger, `refused-${account}`)
  await stranger.context.close()
}
const denied = await open()
await denied.page.goto('/sign-in/provider')
await denied.page.getByRole('button', { name: 'Cancel' }).click()
check('breaking off is told', (await main(denied.page)).includes('did not sign you in'), await main(denied.page))
await denied.page.goto('/sign-in/return?code=stolen&state=made-up')
check('an answer to nothing is refused', (await main(denied.page)).includes('This sign-in is over'))
await denied.page.getByRole('link', { name: 'Begin again: sign in' }).click()
same('and leads to the beginning', path(denied.page), '/sign-in')

// The way back of one browser opens nothing in another, nor twice.
const thief = await open()
const mia = await open()
let back = ''
mia.page.on('request', (r) => { if (r.url().includes('/sign-in/return?')) back = r.url() })
await signIn(mia.page, 'mia', SECOND, '/administration')
same('an administrator comes in', path(mia.page), '/administration')
await thief.page.goto(back)
check('a stolen way back opens nothing', (await main(thief.page)).includes('This sign-in is over'), await main(thief.page))

// Before what matters most they sign in again; what was typed waits. With and without JavaScript.
for (const script of [true, false]) {
  const admin = await open({ script })
  await signIn(admin.page, 'mia', SECOND, '/administration')
  await fake.later(6 * MINUTE_MS)
  const number = script ? 'n901' : 'n902'
  await admin.page.locator('#person').fill(number)
  await admin.page.locator('#name').fill('N. O’Newcomer & <Sons>')
  await admin.page.getByLabel('Analyst', { exact: true }).check()
  await admin.page.getByRole('button', { name: 'Add and show the start code' }).click()
  same(`a proof is asked for, script ${script}`, path(admin.page), '/prove')
  admin.forget()
  if (script) await look(admin, 'prove-by-provider')
  const before = (await admin.context.cookies(url)).find((c) => c.name === '__Host-sid').value
  await admin.page.getByRole('button', { name: /^Sign in again with/ }).click()
  await agree(admin.page, 'mia')
  same(`it leads back, script ${script}`, path(admin.page), '/prove/go-on')
  const after = (await admin.context.cookies(url)).find((c) => c.name === '__Host-sid').value
  check(`the session has a new name, script ${script}`, before !== after)
  admin.forget()
  if (script) await look(admin, 'go-on')
  await admin.page.getByRole('button', { name: 'Add the person' }).click()
  check(`what was typed was kept, script ${script}`, (await main(admin.page)).includes(`Start code for ${number}`), await main(admin.page))
  await admin.page.goto('/administration')
  check(`with every sign, script ${script}`, (await main(admin.page)).includes('N. O’Newcomer & <Sons>'))
  await admin.context.close()
}

// The supervisor sees what was refused; out is out, here and at the provider.
const sue = await open()
await signIn(sue.page, 'sue', SECOND, '/supervisor')
check('refusals are shown', (await main(sue.page)).includes('Not accepted from the identity provider'), await main(sue.page))
sue.forget()
await look(sue, 'supervisor-refused')
const stolen = (await sue.context.cookies(url)).find((c) => c.name === '__Host-sid')
await sue.page.getByRole('button', { name: 'Sign out' }).click()
await sue.page.waitForURL((u) => u.searchParams.get('said') === 'out')
const away = await sue.page.getByRole('link', { name: /^sign out of/ }).getAttribute('href')
check('signing out of the provider is offered', away.startsWith(provider.issuer), away)
await thief.context.addCookies([stolen])
await thief.page.goto('/supervisor')
same('the old session opens nothing', path(thief.page), '/sign-in')

// A provider that goes away while they sign in is told, and nobody is let in without it.
const late = await open()
provider.goAway()
await signIn(late.page, 'ada')
check('a provider that is away is told', (await main(late.page)).includes('Your identity provider does not answer'), await main(late.page))
// The browser itself notes replies of 503.
late.heard.splice(0, late.heard.length, ...late.heard.filter((h) => !h.includes('status of 503')))
await late.page.goto('/sign-in')
check('there is no local way in', (await late.page.locator('#person').count()) === 0)

for (const one of [ada, elsewhere, denied, thief, mia, sue, late]) one.forget()
fake.stop()
await finish(browser)
await provider.stop()
