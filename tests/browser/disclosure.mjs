// A request from a confirmed match to its release and recall, each person in a session of their own; the DPO of one
// agency answers a person's request for access; an administrator is refused. The request is written without script
// too. `node disclosure.mjs PROGRAM`; with SCREENS set, pictures of each state are kept there.
import { launch, person } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { DAY_MS, MINUTE_MS, signIn, start } from './lib/fake.mjs'
import { look } from './lib/look.mjs'

const MATCH = '/matches/' + '01'.repeat(16)
const browser = await launch()
const fake = await start(process.argv[2])

async function as(who, agency, options) {
  const one = await person(browser, fake.urls[agency], options)
  await signIn(one.page, fake.urls[agency], who, fake.password)
  return one
}

// What moves between the agencies takes a moment: looks until the page says so.
async function until(page, path, says) {
  for (let i = 0; i < 50; i++) {
    await page.goto(path)
    if ((await page.locator('main').innerText()).includes(says)) return true
    await page.waitForTimeout(200)
  }
  check(`${path} says "${says}"`, false, (await page.locator('main').innerText()).slice(0, 400))
  return false
}

// Presses a button, opening what it is folded into.
async function press(page, name) {
  const button = page.locator('button', { hasText: name }).first()
  await unfold(button)
  await button.click()
  await page.waitForLoadState()
}

const unfold = (locator) =>
  locator.evaluate((e) => {
    for (let d = e.closest('details'); d; d = d.parentElement.closest('details')) d.open = true
  })

// The match is confirmed by an analyst; the officer asks.
const analyst = await as('a100', 'police')
await analyst.page.goto(MATCH)
await analyst.page.locator('#confirm').check()
await analyst.page.locator('#reason').selectOption('record_fits')
await press(analyst.page, 'Save decision')
await look(analyst, 'match-confirmed')
const officer = await as('i200', 'police')
await officer.page.goto('/requests')
await look(officer, 'requests-none')
await officer.page.goto(MATCH)
await officer.page.getByRole('link', { name: 'Write a request' }).click()
await look(officer, 'request-form')
await press(officer.page, 'Save the draft and see what each side will learn')
await look(officer, 'request-form-errors')
await write(officer.page)
const path = new URL(officer.page.url()).pathname
check('the draft has a page', /^\/requests\/[0-9a-f]+$/.test(path), (await officer.page.locator('main').innerText()).slice(0, 900))
await look(officer, 'request-draft')

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
await answer(releaser.page)
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
await second.page.goto(OTHER)
await second.page.locator('#confirm').check()
await second.page.locator('#reason').selectOption('record_fits')
await second.page.getByRole('button', { name: 'Save decision' }).click()
await plain.page.goto(OTHER)
await plain.page.getByRole('link', { name: 'Write a request' }).click()
await write(plain.page)
check('a request is written without script', /^\/requests\/[0-9a-f]+$/.test(new URL(plain.page.url()).pathname), plain.page.url())

fake.stop()
await browser.close()
finish()

async function write(page) {
  await page.locator('#purpose').selectOption('investigate_exploitation')
  await page.locator('#gateway').selectOption('dpa_2018_sch2_para2')
  await page.locator('#urgency').selectOption('routine')
  await page.locator('#enquiry').fill('Unpaid work at a car wash, crime number held')
  await page.locator('#necessity').fill('Two people may be at risk on Friday and nobody else knows their state')
  await page.locator('#proportionality').fill('Two details for one person, after a call that settled nothing')
  await page.locator('#wanted-contact').uncheck()
  for (const field of ['risk', 'involvement']) {
    await page.locator('#wanted-' + field).check()
    await page.locator('#reason-' + field).fill(`Officers need the ${field} to plan a safe first visit`)
  }
  await page.locator('#phoned').check()
  const about = page.locator('summary', { hasText: 'About the call' })
  if (!(await page.locator('#with').isVisible())) await about.click()
  if (!(await page.locator('#call_at').inputValue())) await page.locator('#call_at').fill('2026-12-01T09:00')
  await page.locator('#with').fill('Duty worker')
  await page.locator('#result').fill('Asked us to send a request')
  await press(page, 'Save the draft and see what each side will learn')
}

async function answer(page) {
  await page.locator('#verdict-risk').selectOption('release')
  await page.locator('#value-risk').fill('May be met at work by the people she fears')
  await page.locator('#verdict-involvement').selectOption('not_necessary')
  for (const list of ['source', 'information', 'onward']) await page.locator('#' + list).selectOption({ index: 1 })
  await page.locator('#report_text').fill('Seen by our worker this month; she would speak with an officer in our office.')
  if (await page.locator('#views').count()) {
    await page.locator('#views').check()
    await page.locator('#views_text').fill('She agrees that the police may call')
  }
  await press(page, 'Send to the second approver')
}
