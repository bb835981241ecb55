// Every page and state of the console over the made-up partnership, looked at. `node states.mjs PROGRAM`; with
// SCREENS set, pictures of all of them are kept there.
import { launch, person } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { DAY_MS, MINUTE_MS, signIn, start } from './lib/fake.mjs'
import { look } from './lib/look.mjs'
import { sheet } from './lib/pictures.mjs'

const browser = await launch()
const fake = await start(process.argv[2])
const police = fake.urls.police

async function as(who, url = police) {
  const one = await person(browser, url)
  await signIn(one.page, url, who, fake.password)
  return one
}

async function go(one, path, status = 200) {
  const response = await one.page.goto(path)
  same(`status of ${path}`, response.status(), status)
}

// Nobody signed in.
const nobody = await person(browser, police)
await go(nobody, '/sign-in')
await look(nobody, 'sign-in')
await nobody.page.getByLabel('Staff number').fill('a100')
await nobody.page.locator('input[name=password]').fill('wrong')
await nobody.page.getByRole('button', { name: 'Sign in' }).click()
check('an error is told in the title', (await nobody.page.title()).startsWith('Error: '))
await look(nobody, 'sign-in-error')
await go(nobody, '/choose-password')
await look(nobody, 'choose-password')
await nobody.page.goto('/matches')
check('who is not signed in is asked to', new URL(nobody.page.url()).pathname === '/sign-in')
await nobody.context.close()

// An analyst.
const analyst = await as('a100')
await go(analyst, '/matches')
await look(analyst, 'queue')
await go(analyst, '/matches?every=1')
await look(analyst, 'queue-everything')
await go(analyst, '/matches?band=possible')
await look(analyst, 'queue-nothing-fits')
await go(analyst, '/matches/' + '01'.repeat(16))
await look(analyst, 'match')
await analyst.page.getByRole('button', { name: /^Save/ }).click()
await look(analyst, 'match-error')
await go(analyst, '/matches/' + '02'.repeat(16))
await look(analyst, 'match-victim-is-suspect')
await go(analyst, '/matches/' + '08'.repeat(16))
await look(analyst, 'match-child')
await go(analyst, '/matches/' + '03'.repeat(16) + '?answer=not-same')
const other = await person(browser, police)
await signIn(other.page, police, 'a101', fake.password)
await decide(other.page, '/matches/' + '03'.repeat(16), 'confirm', 'record_fits')
await look(other, 'match-decided')
await analyst.page.locator('#reason').selectOption('details_differ')
await analyst.page.locator('#note').fill('Kept when somebody else was faster')
await analyst.page.getByRole('button', { name: /^Save/ }).click()
const said = await analyst.page.locator('main').innerText()
check('a stale answer is not saved and the note is kept', said.includes('Nothing was saved') && said.includes('Kept when somebody'), said.slice(0, 300))
await look(analyst, 'match-changed-meanwhile')

// Two people answer about a child, neither seeing the other's answer; a supervisor settles it.
const CHILD = '/matches/' + '08'.repeat(16)
await decide(other.page, CHILD, 'confirm', 'record_fits')
await look(other, 'match-first-of-two')
await go(analyst, CHILD)
check('the first answer is hidden from the second reviewer', !(await analyst.page.locator('.app-timeline').innerText()).includes('fits'))
await look(analyst, 'match-second-review')
await decide(analyst.page, CHILD, 'not-same', 'details_differ')
const supervisor = await as('s300')
await go(supervisor, CHILD)
await look(supervisor, 'match-to-settle')

// Some decisions are looked at again by somebody who does not see them.
for (const id of ['04', '06', '07', '0a', '0c', '0d']) await decide(other.page, '/matches/' + id.repeat(16), 'not-same', 'details_differ')
await fake.later(6 * MINUTE_MS)
await go(analyst, '/matches?recheck=1')
await look(analyst, 'queue-re-review')
const again = analyst.page.locator('[data-open]').first()
if (await again.count()) {
  await analyst.page.goto((await again.getAttribute('href')).replace(/\/recheck$|$/, '/recheck'))
  await look(analyst, 'match-re-review')
} else {
  check('something was drawn for a re-review', false)
}
await go(analyst, '/administration', 403)
await look(analyst, 'no-permission')
await go(analyst, '/nowhere', 404)
await look(analyst, 'not-found')
await go(analyst, '/ledger')
await look(analyst, 'ledger-analyst')
await go(analyst, '/data')
await look(analyst, 'data')
await go(analyst, '/tour')
await look(analyst, 'tour')
await go(analyst, '/account')
await look(analyst, 'account')
await fake.hub('away')
await go(analyst, '/matches')
await look(analyst, 'queue-hub-away')
await go(analyst, '/ledger')
await look(analyst, 'ledger-hub-away')
await fake.hub('back')

// Those who oversee.
await go(supervisor, '/supervisor')
await look(supervisor, 'supervisor')
const dpo = await as('d600')
await go(dpo, '/data-protection')
await look(dpo, 'data-protection')
await dpo.page.getByRole('button', { name: 'Ask every agency' }).click()
await look(dpo, 'data-protection-error')
await dpo.page.getByLabel('Open a person’s request for access').fill('CS-40817')
await dpo.page.getByRole('button', { name: 'Ask every agency' }).click()
await look(dpo, 'access')
await dpo.page.getByRole('button', { name: 'Make the answer' }).click()
await look(dpo, 'access-report')
await go(dpo, '/ledger')
await look(dpo, 'ledger')
await dpo.page.locator('tbody a').first().click()
await look(dpo, 'ledger-entry')
const administrator = await as('m700')
await go(administrator, '/administration')
await look(administrator, 'people')
await administrator.page.getByRole('button', { name: 'Add and show the start code' }).click()
await look(administrator, 'people-error')
await go(administrator, '/administration/a101')
await look(administrator, 'person')
await administrator.page.getByRole('button', { name: 'Give a new start code' }).click()
await look(administrator, 'start-code')
await go(administrator, '/matches', 403)

await fake.later(3 * DAY_MS)
const late = await as('a100')
await go(late, '/matches')
await look(late, 'queue-overdue')
fake.stop()

// First use: nothing has come yet.
const empty = await start(process.argv[2], 0)
const first = await person(browser, empty.urls.police)
await signIn(first.page, empty.urls.police, 'a100', empty.password)
await first.page.goto('/matches')
await look(first, 'queue-first-use')
empty.stop()

async function decide(page, path, answer, reason) {
  await page.goto(path)
  await page.locator('#' + answer).check()
  await page.locator('#reason').selectOption(reason)
  await page.getByRole('button', { name: /^Save/ }).click()
}

if (process.env.SHEET) {
  await sheet(browser, '-1280', process.env.SHEET)
}
await finish(browser)
