// Where somebody lives is shown after a fresh proof only, and an answer that was written for a while is not lost: with
// and without JavaScript. `node shielded.mjs PROGRAM`.
import { launch, person } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { MINUTE_MS, signIn, start } from './lib/fake.mjs'
import { confirmMatch, press, until } from './lib/walk.mjs'

const browser = await launch()
const fake = await start(process.argv[2])
const path = (page) => new URL(page.url()).pathname
const as = async (who, at, options) => {
  const one = await person(browser, fake.urls[at], options)
  await signIn(one.page, fake.urls[at], who, fake.password)
  return one
}
const officer = await as('i200', 'police')
await confirmMatch(officer.page, '/matches/' + '06'.repeat(16))
const asked = '/requests/' + (await fake.say('address ' + '06'.repeat(16)))
const inspector = await as('s300', 'police')
for (const step of ['Run the reach check', 'Authorise the request']) {
  await inspector.page.goto(asked)
  await press(inspector.page, step)
}
await officer.page.goto(asked)
await press(officer.page, 'Send the request')
for (const script of [true, false]) {
  const releaser = await as('r400', 'charity', { script })
  const { page } = releaser
  await until(page, '/requests', 'Constabulary')
  await page.locator('main a[href^="/requests/"]').first().click()
  const theirs = path(page)
  if (script) await press(page, 'Acknowledge the request')
  await page.goto(theirs + '/answer')
  check(`the address is hidden, script ${script}`, !(await page.content()).includes('Example Terrace'))
  await fake.later(6 * MINUTE_MS)
  await page.getByRole('link', { name: 'Show it' }).click()
  same(`a proof is asked for, script ${script}`, path(page), '/prove')
  check(`nothing is shown before, script ${script}`, !(await page.content()).includes('Example Terrace'))
  await page.locator('input[name=password]').fill(fake.password)
  await page.getByRole('button', { name: 'Go on' }).click()
  same(`it leads back, script ${script}`, new URL(page.url()).pathname + new URL(page.url()).search, theirs + '/answer?shielded=1')
  check(`the address is shown, script ${script}`, (await page.content()).includes('Example Terrace'))
  await page.locator('#report_text').fill('Written for six minutes, with care & "signs"')
  await fake.later(6 * MINUTE_MS)
  await page.getByRole('button', { name: 'Send to the second approver' }).click()
  same(`an answer asks for a proof too, script ${script}`, path(page), '/prove')
  await page.locator('input[name=password]').fill(fake.password)
  await page.getByRole('button', { name: 'Go on' }).click()
  await page.getByRole('button', { name: 'Put the answer forward' }).click()
  same(`the answer is looked at, script ${script}`, path(page), theirs + '/answer')
  same(`with what was written, script ${script}`, await page.locator('#report_text').inputValue(), 'Written for six minutes, with care & "signs"')
}

fake.stop()
await finish(browser)
