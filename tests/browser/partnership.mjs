// A request through two real nodes and a hub: from the possible match to its release and recall, by the pages alone.
// `node partnership.mjs POLICE_URL COUNCIL_URL PASSWORD ALERT REFERENCE`, with the files of records in RECORDS and those
// of the programs' logs in LOGS, each divided by colons. REFERENCE is the council's record behind the possible match.
import { readFileSync } from 'node:fs'
import { launch, person } from './lib/browser.mjs'
import { atEnd, check, finish, same } from './lib/checks.mjs'
import { signIn } from './lib/fake.mjs'
import { Identifiers, ofFile } from './lib/identifiers.mjs'
import { nothingPersonal } from './lib/privacy.mjs'
import { confirmMatch, press, proposeAnswer, unfold, until, writeRequest } from './lib/walk.mjs'

const [police, council, password, alert, reference] = process.argv.slice(2)
const read = (paths) => (process.env[paths] ?? '').split(':').filter(Boolean).map((path) => readFileSync(path, 'utf8'))
const values = read('RECORDS').flatMap(ofFile)
check('the records have identifiers', values.length > 100, String(values.length))
atEnd(() => nothingPersonal('the partnership', new Identifiers(values), read('LOGS').flatMap((log) => log.split('\n'))))
const FIELDS = ['incident', 'involvement']
// Answers leave each minute; a match is proven between the nodes first.
const PATIENCE_MS = 240_000
const browser = await launch()

async function as(who, url) {
  const one = await person(browser, url)
  await signIn(one.page, url, who, password)
  return one
}

const officer = await as('po1001', police)
const { page } = officer
await page.goto('/matches')
check('the queue has possible matches', (await page.locator('[data-row]').count()) > 0)
await confirmMatch(page, '/matches/' + alert)
check('the answer is saved', page.url().includes('said=saved'), page.url())
await page.goto('/matches/' + alert)
await page.getByRole('link', { name: 'Write a request' }).click()
await writeRequest(page, FIELDS)
const path = new URL(page.url()).pathname
check('the draft has a page', /^\/requests\/[0-9a-f]+$/.test(path), (await page.locator('main').innerText()).slice(0, 600))
const authoriser = await as('pa1002', police)
await authoriser.page.goto(path)
await press(authoriser.page, 'Authorise the request')
await page.goto(path)
await press(page, 'Send the request')

const releaser = await as('cr2001', council)
check('the request arrives', await until(releaser.page, path, 'asks us', PATIENCE_MS))
await press(releaser.page, 'Acknowledge the request')
await releaser.page.goto(path)
await releaser.page.getByRole('button', { name: 'Prepare the answer' }).click()
await proposeAnswer(releaser.page, FIELDS)
const approver = await as('cs2002', council)
await approver.page.goto(path)
await unfold(approver.page.locator('#read'))
await approver.page.locator('#read').check()
await press(approver.page, 'Approve the answer')

check('the release arrives', await until(page, path, 'Read what was released', PATIENCE_MS))
await page.getByRole('link', { name: 'Read what was released' }).click()
check('it can be read', (await page.locator('main').innerText()).includes('May be met at work'))
await page.emulateMedia({ media: 'print' })
check('nothing to press is on paper', (await page.locator('button:visible, nav:visible').count()) === 0)
await page.emulateMedia({ media: 'screen' })
await releaser.page.goto(path)
await unfold(releaser.page.locator('#recall-reason'))
await releaser.page.locator('#recall-reason').selectOption({ index: 1 })
await press(releaser.page, 'Recall what was released')
check('the recall arrives', await until(page, path, 'recalled', PATIENCE_MS))
const gone = await page.goto(path + '/report')
check('what is recalled cannot be read', gone.status() >= 400, String(gone.status()))

// The log, the health of the node, the data protection officer.
await page.goto('/ledger')
check('the ledger has a checkpoint', (await page.locator('main').innerText()).includes('Last checkpoint'))
await page.goto('/data')
check('records are counted', /Records that take part\s+[1-9]/.test(await page.locator('main').innerText()))
const dpo = await as('cd2003', council)
for (const [where, says] of [['/data-protection', 'Controls'], ['/supervisor', 'Possible matches now'], ['/ledger', 'What this agency did']]) {
  const reply = await dpo.page.goto(where)
  same(`status of ${where}`, reply.status(), 200)
  check(`${where} says "${says}"`, (await dpo.page.locator('main').innerText()).includes(says))
}
await dpo.page.locator('tbody a').first().click()
check('an entry opens', (await dpo.page.locator('main').innerText()).includes('Proof'))

// The person asks who asked about them: from the search to the answer.
await dpo.page.goto('/data-protection')
await dpo.page.locator('#reference').fill(reference)
await press(dpo.page, 'Ask every agency')
check('the own case is listed', (await dpo.page.locator('main').innerText()).includes('asked'), (await dpo.page.locator('main').innerText()).slice(0, 500))
await press(dpo.page, 'Make the answer')
check('the answer is made', (await dpo.page.locator('main h1').innerText()).length > 0 && new URL(dpo.page.url()).pathname.startsWith('/data-protection/access/'), dpo.page.url())

// An administrator sees no record.
const administrator = await as('ad9000', police)
for (const wanted of ['/matches/' + alert, path, path + '/report', '/data-protection']) {
  const reply = await administrator.page.goto(wanted)
  same(`an administrator is refused at /${wanted.split('/')[1]}`, reply.status(), 403)
}
await finish(browser)
