// States that one seldom comes to: first use, drafts, alarms, a spent quota, a silent hub, a question and its answer, a
// shielded address, a refusal under review, a request that lapsed. `node rare.mjs PROGRAM`; with SCREENS set, pictures
// of all of them are kept there.
import { launch, person } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { DAY_MS, MINUTE_MS, signIn, start } from './lib/fake.mjs'
import { look } from './lib/look.mjs'
import { confirmMatch, press, unfold, until, writeRequest } from './lib/walk.mjs'

const browser = await launch()
const match = (number) => '/matches/' + number.repeat(16)

async function as(fake, who, agency = 'police', options = {}) {
  const one = await person(browser, fake.urls[agency], options)
  await signIn(one.page, fake.urls[agency], who, fake.password)
  return one
}

async function see(one, path, name) {
  await one.page.goto(path)
  await look(one, name)
}

const words = (one) => one.page.locator('main').innerText()

// First use: nothing has come yet.
const empty = await start(process.argv[2], 0)
await see(await as(empty, 'i200'), '/requests', 'requests-first-use')
await see(await as(empty, 's300'), '/supervisor', 'supervisor-first-use')
const newcomer = await as(empty, 'd600')
await see(newcomer, '/board-pack', 'board-pack-none')
await see(newcomer, '/data', 'data-first-use')
await see(newcomer, '/ledger', 'ledger-first-use')
const newAdministrator = await as(empty, 'm700')
await see(newAdministrator, '/connections', 'connections-none')
await see(newAdministrator, '/alarms', 'alarms-none')
empty.stop()

// How the node runs.
const fake = await start(process.argv[2], 16)
for (const state of ['alarms', 'feeds', 'edition']) await fake.say('state ' + state)
const administrator = await as(fake, 'm700')
await see(administrator, '/alarms', 'alarms')
await see(administrator, '/connections', 'connections')
await press(administrator.page, 'Revoke')
await look(administrator, 'connections-revoked')
const dpo = await as(fake, 'd600')
await see(dpo, '/board-pack', 'board-pack')
await see(dpo, '/board-pack/1', 'board-pack-edition')

// Drafts: kept while one types, kept by a button without script, offered, taken up.
const officer = await as(fake, 'i200')
const analyst = await as(fake, 'a100')
await analyst.page.goto(match('03'))
await analyst.page.locator('#note').fill('Half a thought about the date of birth')
await analyst.page.locator('[data-draft-said]').filter({ hasText: 'Kept as a draft' }).waitFor({ timeout: 15_000 })
await see(analyst, match('03'), 'match-draft-offered')
await analyst.page.getByRole('link', { name: 'Take it up again' }).click()
same('the note is there again', await analyst.page.locator('#note').inputValue(), 'Half a thought about the date of birth')
await look(analyst, 'match-draft-taken-up')
await see(analyst, '/matches', 'queue-with-draft')
const plain = await as(fake, 'a101', 'police', { script: false })
await plain.page.goto(match('03'))
await plain.page.locator('#note').fill('Typed without script')
await plain.page.getByRole('button', { name: 'Keep for later' }).click()
same('the button keeps it without script', await plain.page.locator('#note').inputValue(), 'Typed without script')

// News, while the queue is open: the counts change and the rows stay where they are.
await analyst.page.goto('/matches')
const before = await analyst.page.locator('[data-row] [data-open]').allInnerTexts()
await fake.later(MINUTE_MS)
await fake.say('more ' + '01'.repeat(16))
await confirmMatch(plain.page, match('0a'))
await analyst.page.waitForTimeout(4_000)
const after = await analyst.page.locator('[data-row] [data-open]').allInnerTexts()
same('no row moved under the reader’s hands', after, before)
const waiting = () => analyst.page.locator('[data-live-summary]').innerText()
check('the count beside the heading went on', (await waiting()).startsWith('15 wait'), await waiting())

// Counselling records: presumed not to be needed.
await confirmMatch(plain.page, match('01'))
await officer.page.goto('/requests/new/' + '01'.repeat(16))
await officer.page.locator('summary', { hasText: 'counselling records' }).click()
await officer.page.locator('#counselling').check()
await press(officer.page, 'Save the draft and see what each side will learn')
check('counselling records need the law that allows them', (await words(officer)).includes('victim information request'))
await look(officer, 'request-counselling-errors')

// A question about a request, and the reply.
await confirmMatch(plain.page, match('04'))
await officer.page.goto('/requests/new/' + '04'.repeat(16))
await writeRequest(officer.page, ['risk', 'involvement'])
const asked = new URL(officer.page.url()).pathname
const supervisor = await as(fake, 's300')
await supervisor.page.goto(asked)
await press(supervisor.page, 'Authorise the request')
await officer.page.goto(asked)
await press(officer.page, 'Send the request')
const releaser = await as(fake, 'r400', 'charity')
await until(releaser.page, '/requests', 'Constabulary')
await releaser.page.locator('main a.app-row__link').first().click()
const theirs = new URL(releaser.page.url()).pathname
await press(releaser.page, 'Acknowledge the request')
await releaser.page.goto(theirs)
await unfold(releaser.page.locator('#text'))
await releaser.page.locator('#text').fill('Which week is the visit planned for?')
await press(releaser.page, 'Send the question')
await look(releaser, 'question-asked')
await until(officer.page, asked, 'Answer their question')
await look(officer, 'question-to-answer')
await officer.page.locator('#text').fill('The first week of December')
await press(officer.page, 'Send the answer')
await look(officer, 'question-answered-here')
await until(releaser.page, theirs, 'The first week of December')
await look(releaser, 'question-answered')

// Where somebody can be found: asked for in writing after a call, shown after a fresh proof.
await confirmMatch(plain.page, match('06'))
const shielded = '/requests/' + (await fake.say('address ' + '06'.repeat(16)))
await supervisor.page.goto(shielded)
await look(supervisor, 'request-for-address')
await press(supervisor.page, 'Run the reach check')
await press(supervisor.page, 'Authorise the request')
await officer.page.goto(shielded)
await press(officer.page, 'Send the request')
await until(releaser.page, '/requests', 'New')
await releaser.page.locator('tr', { hasText: 'New' }).locator('a').first().click()
const hidden = new URL(releaser.page.url()).pathname
await press(releaser.page, 'Acknowledge the request')
await releaser.page.goto(hidden + '/answer')
await look(releaser, 'address-hidden')
check('the address is hidden', !(await releaser.page.content()).includes('Example Terrace'))
await releaser.page.getByRole('link', { name: 'Show it' }).click()
check('the address is shown', (await releaser.page.content()).includes('Example Terrace'))
await look(releaser, 'address-shown')

// A refusal of an urgent request is looked at again by somebody who had no part in it.
await confirmMatch(plain.page, match('07'))
await officer.page.goto('/requests/new/' + '07'.repeat(16))
await writeRequest(officer.page, ['risk', 'involvement'], 'urgent_safeguarding')
const urgent = new URL(officer.page.url()).pathname
await supervisor.page.goto(urgent)
await press(supervisor.page, 'Authorise the request')
await officer.page.goto(urgent)
await press(officer.page, 'Send the request')
await until(releaser.page, '/requests', 'New')
await releaser.page.locator('tr', { hasText: 'New' }).locator('a').first().click()
const refused = new URL(releaser.page.url()).pathname
await press(releaser.page, 'Acknowledge the request')
await releaser.page.goto(refused + '/answer')
for (const field of ['risk', 'involvement']) await releaser.page.locator('#verdict-' + field).selectOption('safety_of_source')
if (await releaser.page.locator('#views').count()) {
  await releaser.page.locator('#views').check()
  await releaser.page.locator('#views_text').fill('She does not want it told')
}
await press(releaser.page, 'Send to the second approver')
const approver = await as(fake, 'p500', 'charity')
await approver.page.goto(refused)
await approver.page.locator('#read').check()
await press(approver.page, 'Approve the answer')
await fake.later(DAY_MS + 5 * 60 * MINUTE_MS)
const reviewer = await as(fake, 's300', 'charity')
await until(reviewer.page, refused, 'Review the refusal')
await look(reviewer, 'refusal-under-review')

// A request that nobody answered lapses.
await fake.later(61 * DAY_MS)
const late = await as(fake, 'i200')
await until(late.page, asked, 'Expired')
await look(late, 'request-expired')

// The machine in trouble.
for (const state of ['quota', 'quiet']) await fake.say('state ' + state)
const watcher = await as(fake, 'a100')
await see(watcher, '/data', 'data-quota-spent')
await see(watcher, '/matches', 'queue-hub-silent')

// What was typed when the session ran out, posted afterwards.
const slow = await as(fake, 'a101', 'police', { script: false })
await slow.page.goto(match('0b'))
await slow.page.locator('#note').fill('Written over a long telephone call')
await fake.later(16 * MINUTE_MS)
await slow.page.getByRole('button', { name: /^Save/ }).click()
check('it is kept when the session has run out', (await words(slow)).includes('What you had typed is kept'), await words(slow))

fake.stop()
await browser.close()
finish()
