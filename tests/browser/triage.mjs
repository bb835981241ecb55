// Ten possible matches decided by keyboard alone, one undone, one that stays away; then the same without script.
// `node triage.mjs PROGRAM`.
import { launch, person } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { MINUTE_MS, signIn, start } from './lib/fake.mjs'
import { compareTranscript } from './lib/transcript.mjs'

const browser = await launch()
const fake = await start(process.argv[2])
const url = fake.urls.police

// By keyboard: the mouse is never touched after signing in.
const one = await person(browser, url)
await signIn(one.page, url, 'a100', fake.password)
const { page } = one

// What a screen reader is given.
await page.goto('/matches/' + '01'.repeat(16))
await compareTranscript(page, 'match')
await page.goto('/matches/' + '02'.repeat(16))
await compareTranscript(page, 'match-victim-is-suspect')

const waiting = async () => {
  await page.goto('/matches')
  return page.locator('[data-row]').count()
}
const focused = () => page.evaluate(() => document.activeElement?.outerHTML.slice(0, 80) ?? '')
const ring = () => page.evaluate(() => {
  const e = document.activeElement
  const s = getComputedStyle(e)
  const label = e.id && document.querySelector(`label[for="${e.id}"]`)
  const drawn = label ? getComputedStyle(label, '::before').boxShadow : 'none'
  return s.outlineStyle !== 'none' || s.boxShadow !== 'none' || drawn !== 'none'
})

async function tabTo(selector, most = 120) {
  for (let i = 0; i < most; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return true
    await page.keyboard.press('Tab')
    check('what has the focus shows it: ' + (await focused()), await ring())
  }
  return false
}

const before = await waiting()
check('there is something to triage', before >= 12, String(before))
check('Tab reaches the list', await tabTo('[data-open]'))
await page.keyboard.press('j')
check('j goes to the second row', await page.evaluate(() => document.activeElement === document.querySelectorAll('[data-open]')[1]))
await page.keyboard.press('k')
await page.keyboard.press('x')
check('x ticks the row', await page.locator('[data-pick]').first().isChecked())
check('the count follows', (await page.locator('[data-picked]').textContent()) === '1 selected')
await page.keyboard.press('x')

// What is due first may need two people: it then waits for a colleague, and is decided here all the same.
const KEYS = ['c', 'n', 'u']
const decided = []
for (let i = 0; i < 10; i++) {
  await page.goto('/matches?state=new')
  check('Tab reaches the list again', await tabTo('[data-open]'))
  const path = await page.evaluate(() => document.activeElement.getAttribute('href'))
  const key = KEYS[i % 3]
  await page.keyboard.press(key)
  await page.waitForURL((u) => u.searchParams.has('answer'))
  const id = { c: 'confirm', n: 'not-same', u: 'cannot-tell' }[key]
  await page.waitForFunction((i) => document.activeElement?.id === i, id)
  check(`${key} opens it with the answer chosen`, await page.locator('#' + id).isChecked())
  check('Tab reaches the reason', await tabTo('#reason'))
  await page.keyboard.type({ c: 'Everything', n: 'Details', u: 'Our record says' }[key])
  check('Tab reaches the button', await tabTo('#decide button'))
  await page.keyboard.press('Enter')
  await page.waitForURL((u) => u.searchParams.get('said') === 'saved')
  decided.push({ path, key })
}
const states = new Set(decided.map((d) => d.path))
same('ten different ones were decided', states.size, 10)

// Undo, within its time.
const undone = decided.findLast((d) => d.key === 'n')
await page.goto(undone.path)
if (await page.getByRole('button', { name: 'Undo' }).count()) {
  check('Tab reaches undo', await tabTo('form[action$="/undo"] button'))
  await page.keyboard.press('Enter')
  await page.waitForURL((u) => u.searchParams.get('said') === 'undone')
  check('it can be decided anew', (await page.locator('#decide').count()) === 1)
  await page.locator('#not-same').check()
  await page.locator('#reason').selectOption('details_differ')
  await page.getByRole('button', { name: 'Save decision' }).click()
  await page.waitForURL((u) => u.searchParams.get('said') === 'saved')
} else {
  check('an answer can be undone', false)
}
await fake.later(6 * MINUTE_MS)
await page.goto('/matches')
const links = await page.locator('[data-open]').evaluateAll((all) => all.map((a) => a.getAttribute('href')))
check('"not the same" stays away', !links.includes(undone.path))
await page.goto(undone.path)
check('after its time it cannot be undone', (await page.getByRole('button', { name: 'Undo' }).count()) === 0)

// News of the same pair without new evidence does not bring it back; another kind of evidence that agrees does.
const pair = undone.path.split('/').at(-1)
const waits = async () => {
  await page.goto('/matches')
  const all = await page.locator('[data-open]').evaluateAll((links) => links.map((a) => a.getAttribute('href')))
  return all.includes(undone.path)
}
await fake.say('again ' + pair)
check('it stays away after news of the same pair', !(await waits()))
await fake.say('more ' + pair)
check('new evidence brings it back', await waits())
await page.goto(undone.path)
check('to be decided anew', (await page.locator('#decide').count()) === 1)

await one.context.close()

// Without script: links and forms do the same.
const plain = await person(browser, url, { script: false })
await signIn(plain.page, url, 'a101', fake.password)
await plain.page.goto('/matches')
check('there is a list without script', (await plain.page.locator('[data-row]').count()) > 0)
await plain.page.locator('[data-pick]').first().check()
await plain.page.getByRole('button', { name: 'Assign' }).click()
check('a page follows the assignment', plain.page.url().includes('/matches'))
await plain.page.goto('/matches?state=new')
await plain.page.locator('[data-open]').first().click()
const path = new URL(plain.page.url()).pathname
await plain.page.goto(path + '?answer=cannot-tell')
check('the server ticks the answer of a link', await plain.page.locator('#cannot-tell').isChecked())
await plain.page.locator('#reason').selectOption('too_little')
await plain.page.getByRole('button', { name: /^Save/ }).click()
check('it is saved without script', plain.page.url().includes('said=saved'), plain.page.url())

fake.stop()
await finish(browser)
