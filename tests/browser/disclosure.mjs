// A request from a confirmed match to its release and recall, each person in a session of their own; the DPO of one
// agency answers a person's request for access; an administrator is refused. The request is written without script
// too. `node disclosure.mjs PROGRAM`; with SCREENS set, pictures of each state are kept there.
import { launch, person } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { DAY_MS, MINUTE_MS, signIn, start } from './lib/fake.mjs'
import { look } from './lib/look.mjs'
import { confirmMatch, press, proposeAnswer, unfold, until, writeRequest } from './lib/walk.mjs'

const MATCH = '/matches/' + '01'.repeat(16)
const FIELDS = ['risk', 'involvement']
const browser = await launch()
const fake = await start(process.argv[2])

async function as(who, agency, options) {
  const one = await person(browser, fake.urls[agency], options)
  await signIn(one.page, fake.urls[agency], who, fake.password)
  return one
}

// The match is confirmed by an analyst; the officer asks.
const analyst = await as('a100', 'police')
await confirmMatch(analyst.page, MATCH)
await look(analyst, 'match-confirmed')
const officer = await as('i200', 'police')
await officer.page.goto('/requests')
await look(officer, 'requests-none')
await officer.page.goto(MATCH)
await officer.page.getByRole('link', { name: 'Write a request' }).click()
await look(officer, 'request-form')
await press(officer.page, 'Save the draft and see what each side will learn')
await look(officer, 'request-form-errors')
await writeRequest(officer.page, FIELDS)
const path = new URL(officer.page.url()).pathname
check('the draft has a page', /^\/requests\/[0-9a-f]+$/.test(path), (await officer.page.locator('main').innerText()).slice(0, 900))
await look(officer, 'request-draft')
await officer.page.goto(path + '/change')
await look(officer, 'request-change')

// A second person authorises it; the first sends it.
const supervisor = await as('s300', 'police')
await supervisor.page.goto(path)
await look(supervisor, 'request-to-authorise')
await press(supervisor.page, 'Authorise the request')
await officer.page.goto(path)
check('whoever wrote it cannot authorise it', (await officer.page.getByRole('button', { name: 'Authorise the request' }).count()) === 0)
await press(officer.page, 'Send the request')
await look(officer, 'request-sent')

// The other agency: acknowledged, answered in part by one person, approved by another.
const releaser = await as('r400', 'charity')
check('the request arrives', await until(releaser.page, '/requests', 'Constabulary'))
await look(releaser, 'requests-to-us')
await releaser.page.locator('main a.app-row__link').first().click()
const theirs = new URL(releaser.page.url()).pathname
await look(releaser, 'request-received')
await press(releaser.page, 'Acknowledge the request')
await releaser.page.goto(theirs)
await releaser.page.getByRole('button', { name: 'Prepare the answer' }).click()
await look(releaser, 'answer-form')
await press(releaser.page, 'Send to the second approver')
await look(releaser, 'answer-form-errors')
await proposeAnswer(releaser.page, FIELDS)
await look(releaser, 'answer-proposed')
check('whoever proposed it cannot approve it', (await releaser.page.getByRole('button', { name: 'Approve the answer' }).count()) === 0)
const approver = await as('p500', 'charity')
await approver.page.goto(theirs)
await look(approver, 'answer-to-approve')
await approver.page.locator('#read').check()
await press(approver.page, 'Approve the answer')
await look(approver, 'answer-approved')

// It leaves at its time, is read and printed.
await fake.later(DAY_MS + 60 * MINUTE_MS)
const again = await as('i200', 'police')
check('the release arrives', await until(again.page, path, 'Read what was released'))
await look(again, 'request-released')
await again.page.getByRole('link', { name: 'Read what was released' }).click()
await look(again, 'report')
await again.page.emulateMedia({ media: 'print' })
check('nothing to press is on paper', (await again.page.locator('button:visible, nav:visible').count()) === 0)
await again.page.emulateMedia({ media: 'screen' })
const download = again.page.waitForEvent('download')
await again.page.getByRole('button', { name: 'Make a PDF to print' }).click()
const file = await download
check('the file’s name says nothing of the person', !/Abara|Tamsin/i.test(file.suggestedFilename()), file.suggestedFilename())

// Recalled: it may no longer be read, and every copy is accounted for.
const later = await as('r400', 'charity')
await later.page.goto(theirs)
await unfold(later.page.locator('#recall-reason'))
await later.page.locator('#recall-reason').selectOption({ index: 1 })
await press(later.page, 'Recall what was released')
await look(later, 'release-recalled-here')
check('the recall arrives', await until(again.page, path, 'recalled'))
await look(again, 'release-recalled')
const gone = await again.page.goto(path + '/report')
check('what is recalled cannot be read', gone.status() >= 400, String(gone.status()))
await again.page.goto(path)
if (await again.page.locator('#copies').count()) {
  await unfold(again.page.locator('#copies'))
  await again.page.locator('#copies').fill('1')
  await press(again.page, 'Confirm the destruction')
}
await look(again, 'release-destroyed')

// The person asks who asked about them.
const dpo = await as('d600', 'charity')
await dpo.page.goto('/data-protection')
await dpo.page.locator('#reference').fill('HV-40817')
await press(dpo.page, 'Ask every agency')
await look(dpo, 'access-with-lines')
check('the own case is listed', (await dpo.page.locator('main').innerText()).includes('Constabulary asked'))
await press(dpo.page, 'Make the answer')
await look(dpo, 'access-report-with-lines')
const theirDpo = await as('d600', 'police')
check('the question reaches the other agency', await until(theirDpo.page, '/data-protection', 'of your cases'))
await theirDpo.page.locator('a[href^="/data-protection/question/"]').first().click()
await look(theirDpo, 'access-question')
await press(theirDpo.page, 'Send the answer')
check('it no longer waits', !(await theirDpo.page.locator('main').innerText()).includes('of your cases'))

// An administrator sees no record, whatever the address.
const administrator = await as('m700', 'police')
for (const wanted of [MATCH, path, path + '/report', '/data-protection']) {
  const reply = await administrator.page.goto(wanted)
  same(`an administrator is refused at ${wanted.split('/')[1]}`, reply.status(), 403)
}

// Without script.
const plain = await as('i200', 'police', { script: false })
const second = await as('a101', 'police', { script: false })
const OTHER = '/matches/' + '04'.repeat(16)
await confirmMatch(second.page, OTHER)
await plain.page.goto(OTHER)
await plain.page.getByRole('link', { name: 'Write a request' }).click()
await writeRequest(plain.page, FIELDS)
check('a request is written without script', /^\/requests\/[0-9a-f]+$/.test(new URL(plain.page.url()).pathname), plain.page.url())

fake.stop()
await finish(browser)
