// A partnership whose every record is an attack on the page that shows it, and whose people type attacks into every
// field: each is shown as text. Then another site tries to use the browser of somebody who is signed in.
// `node attacks.mjs PROGRAM`.
import { createServer } from 'node:http'
import { launch, person } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { DAY_MS, MINUTE_MS, signIn, start } from './lib/fake.mjs'
import { confirmMatch, press, proposeAnswer, unfold, until, writeRequest } from './lib/walk.mjs'

const FIELDS = ['risk', 'involvement']
const MATCH = '/matches/' + '01'.repeat(16)
const browser = await launch()
const fake = await start(process.argv[2], 12, ['hostile'])
const police = fake.urls.police

// As `records.rs` writes it.
let typed = 100
const attack = () => `<img src=x onerror=alert(${++typed})>"'></title></textarea><script>alert(${typed})</script>{{7*7}}&lt;${typed}`

async function as(who, agency = 'police') {
  const one = await person(browser, fake.urls[agency])
  await signIn(one.page, fake.urls[agency], who, fake.password)
  return { ...one, page: typist(one.page) }
}

// A page in which whoever types a sentence types an attack.
function typist(page) {
  const bound = (of, name) => (typeof of[name] === 'function' ? of[name].bind(of) : of[name])
  const locator = (found) => new Proxy(found, {
    get: (of, name) => (name === 'fill' ? (text) => of.fill(text.includes(' ') ? attack() : text) : bound(of, name)),
  })
  return new Proxy(page, { get: (of, name) => (name === 'locator' ? (...words) => locator(of.locator(...words)) : bound(of, name)) })
}

// Shown as it was written, and nothing of it has become part of the page.
async function harmless(page, name, shown = true) {
  const [text, title, alive] = await page.evaluate(() => [
    document.body.innerText + [...document.querySelectorAll('input, textarea')].map((e) => e.value).join('\n'),
    document.title,
    document.querySelectorAll('img, script:not([src]), [onerror], [onload], main script, svg script, iframe, object, base').length,
  ])
  same(`nothing typed is part of the page: ${name}`, alive, 0)
  if (shown) check(`an attack is shown as text: ${name}`, text.includes('<img src=x onerror=alert('), text.slice(0, 300))
  check(`no template was worked out: ${name}`, !text.includes('49&lt;') && !text.includes('49<'))
  // Names of agencies are: 900 and more.
  check(`nothing of it is in the title: ${name}`, !/alert\((?!9\d\d\))/.test(title), title)
}

async function see(one, path, name, shown = true) {
  await one.page.goto(path)
  await harmless(one.page, name, shown)
}

// Every field of a record, and the names of agencies.
const analyst = await as('a100')
for (const path of ['/matches', '/matches?every=1', '/matches?who=nobody']) await see(analyst, path, path)
for (const id of ['01', '02', '03', '08']) await see(analyst, '/matches/' + id.repeat(16), 'match ' + id)
for (const path of ['/data', '/ledger', '/account', '/tour', '/nowhere']) await see(analyst, path, path)

// Every parameter of an address, on every page that an analyst has.
const names = ['said', 'kind', 'band', 'agency', 'state', 'who', 'page', 'answer', 'draft', 'every', 'back', 'held', 'x']
const query = new URLSearchParams(names.map((n) => [n, attack()])).toString()
for (const path of ['/matches', MATCH, '/data', '/ledger', '/account', '/tour', '/sign-in', '/choose-password', '/nowhere']) {
  await see(analyst, `${path}?${query}#${encodeURIComponent(attack())}`, path + ' with a query', false)
}

// Every free text of a form: a saved view, a note, a request, an answer, a report, a person's name.
await analyst.page.goto('/matches?every=1')
await unfold(analyst.page.locator('#view-name'))
await analyst.page.locator('#view-name').fill('My own view')
await analyst.page.getByRole('button', { name: 'Save view' }).click()
await harmless(analyst.page, 'a view that cannot be saved', false)
await analyst.page.goto('/matches')
await unfold(analyst.page.locator('#view-name'))
await analyst.page.getByLabel('Save these filters as a view').fill('<img src=x onerror=alert(1)>')
await analyst.page.getByRole('button', { name: 'Save view' }).click()
await harmless(analyst.page, 'a saved view')
await analyst.page.goto(MATCH)
await analyst.page.locator('#note').fill('A note with spaces')
await analyst.page.getByRole('button', { name: /^Save/ }).first().click()
await harmless(analyst.page, 'match with a note')
await confirmMatch(analyst.page, MATCH)
const officer = await as('i200')
await officer.page.goto(MATCH)
await officer.page.getByRole('link', { name: 'Write a request' }).click()
await harmless(officer.page, 'request form')
await writeRequest(officer.page, FIELDS)
const path = new URL(officer.page.url()).pathname
check('the draft has a page', /^\/requests\/[0-9a-f]+$/.test(path), path)
await harmless(officer.page, 'request')
await see(officer, path + '/change', 'request to change')
const supervisor = await as('s300')
await see(supervisor, path, 'request to authorise')
await press(supervisor.page, 'Authorise the request')
await officer.page.goto(path)
await press(officer.page, 'Send the request')
const releaser = await as('r400', 'charity')
check('the request arrives', await until(releaser.page, path, 'asks us'))
await harmless(releaser.page, 'request received')
await press(releaser.page, 'Acknowledge the request')
await releaser.page.goto(path)
await releaser.page.getByRole('button', { name: 'Prepare the answer' }).click()
await harmless(releaser.page, 'answer form')
await proposeAnswer(releaser.page, FIELDS)
await harmless(releaser.page, 'answer proposed')
const approver = await as('p500', 'charity')
await see(approver, path, 'answer to approve')
await approver.page.locator('#read').check()
await press(approver.page, 'Approve the answer')
await fake.later(DAY_MS + 60 * MINUTE_MS)
const reader = await as('i200')
check('the release arrives', await until(reader.page, path, 'Read what was released'))
await see(reader, path + '/report', 'report')
await see(reader, '/requests', 'requests')
const dpo = await as('d600', 'charity')
await see(dpo, '/data-protection', 'data protection')
await dpo.page.getByLabel('Open a person’s request for access').fill(attack())
await dpo.page.getByRole('button', { name: 'Ask every agency' }).click()
await harmless(dpo.page, 'a reference that is none', false)
for (const where of ['/supervisor', '/ledger', '/board-pack']) await see(dpo, where, where, where === '/ledger')
const administrator = await as('m700')
await administrator.page.goto('/administration')
await administrator.page.locator('#person').fill('n901')
await administrator.page.getByLabel('Name for colleagues').fill('<img src=x onerror=alert(2)>')
await administrator.page.getByLabel('Analyst', { exact: true }).check()
await administrator.page.getByRole('button', { name: 'Add and show the start code' }).click()
await harmless(administrator.page, 'a person added', false)
for (const where of ['/administration', '/administration/n901', '/connections', '/alarms']) {
  await see(administrator, where, where, where.startsWith('/administration'))
}
for (const { trail } of [analyst, officer, supervisor, releaser, approver, reader, dpo, administrator]) {
  const asked = [...(trail.kinds.get('address') ?? [])].filter((a) => new URL(a).pathname.endsWith('/x'))
  same('no picture of an attack was asked for', asked, [])
}

// Another site, in the browser of somebody who is signed in.
const token = await analyst.page.locator('input[name=token]').first().getAttribute('value').catch(() => '')
const page = await elsewhere((origin) => `<!doctype html><title>x</title>
  <img src="${police}/sign-out"><iframe name="f" src="${police}/matches"></iframe>
  <form id="f" method="post" action="${police}/matches/assign" target="f"><input name="to" value="a100"><input name="token" value="${token}"></form>
  <script>document.getElementById('f').submit()</script>`)
const victim = await browser.newContext({ storageState: await (await fresh()).context.storageState() })
const tab = await victim.newPage()
await tab.goto(page.url)
await tab.waitForLoadState('networkidle')
const framed = tab.frames().slice(1).map((f) => f.url())
check('no page of ours stands in another’s', framed.every((u) => u.startsWith('chrome-error:') || u === 'about:blank'), framed.join())
const read = await tab.evaluate((url) => fetch(url, { credentials: 'include' }).then((r) => r.text(), () => 'refused'), police + '/matches')
same('another site reads nothing', read, 'refused')
const opened = await tab.evaluate((url) => {
  const other = open(url)
  return new Promise((done) => setTimeout(() => done(!other || other.closed || !other.document), 1_000))
}, police + '/matches').catch(() => true)
check('another site holds no window of ours', opened)
await tab.goto(police + '/matches?who=me')
check('nothing was assigned', (await tab.locator('main').innerText()).includes('Nothing fits these filters'))
check('and nobody was signed out', !tab.url().includes('/sign-in'))
await victim.close()
page.server.close()

fake.stop()
await finish(browser)

async function fresh() {
  return as('a101')
}

function elsewhere(html) {
  return new Promise((resolve) => {
    const server = createServer((_, reply) => {
      reply.setHeader('content-type', 'text/html')
      reply.end(html())
    }).listen(0, '127.0.0.1', () => resolve({ server, url: `http://127.0.0.1:${server.address().port}/` }))
  })
}
