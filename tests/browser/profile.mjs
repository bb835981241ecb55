// What is left in a browser's own files after a day's work: nothing about anybody. And a control: whatever is planted
// in each of the places that the tests look at is found. `node profile.mjs PROGRAM`.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch, person, personWithProfile, trails } from './lib/browser.mjs'
import { check, finish, same } from './lib/checks.mjs'
import { signIn, start } from './lib/fake.mjs'
import { withTab } from './lib/focus.mjs'
import { linesOf } from './lib/privacy.mjs'
import { confirmMatch, writeRequest } from './lib/walk.mjs'

const fake = await start(process.argv[2], 16)
const url = fake.urls.police
const MATCH = '/matches/' + '01'.repeat(16)
const folders = []

// A day's work at a desk, in a browser that keeps its profile.
const desk = await at('desk')
await desk.page.goto('/matches')
await desk.page.goto(MATCH)
await desk.page.locator('#note').fill('Tamsin said on Friday that she would call')
await confirmMatch(desk.page, MATCH)
await desk.page.getByRole('link', { name: 'Write a request' }).click()
await writeRequest(desk.page, ['risk'])
check('a request was written', /^\/requests\/[0-9a-f]+$/.test(new URL(desk.page.url()).pathname), desk.page.url())
await desk.page.goto('/requests')
await desk.context.close()
const kept = inFolder(desk.folder)
same('nothing about anybody is in the files of the browser', kept.slice(0, 5), [])

// The control, in the files of another browser.
const [planted, other] = [fake.values.find((v) => /^[A-Z][a-z]+ [A-Z][a-z]+$/.test(v)), fake.values.find((v) => v.includes('@'))]
const leak = await at('leak')
await leak.page.goto('/nowhere?about=' + encodeURIComponent(planted))
await leak.page.evaluate((text) => localStorage.setItem('last', text), other)
await leak.context.close()
const found = inFolder(leak.folder)
check('a name in an address is found in the files', found.some((f) => f.startsWith(planted)), found.join('; '))
check('a planted address is found in the files', found.some((f) => f.startsWith(other)), found.join('; '))
forget(leak)

// The control, in each place that every run looks at.
const browser = await launch()
const one = await person(browser, url)
await signIn(one.page, url, 'a100', fake.password)
await one.page.goto('/nowhere?about=' + Buffer.from(planted).toString('base64'))
await one.page.evaluate(async ([name, email]) => {
  document.title = name
  new Notification(name)
  sessionStorage.setItem('x', email)
  localStorage.setItem('y', name)
  history.replaceState({ name }, '')
  await new Promise((done) => {
    const opening = indexedDB.open('db')
    opening.onupgradeneeded = () => opening.result.createObjectStore('s').put(email, 'z')
    opening.onsuccess = () => done(opening.result.close())
  })
}, [planted, other])
await one.trail.gather()
await one.page.waitForTimeout(100)
for (const kind of ['address', 'title', 'notification', 'storage']) {
  const text = [...(one.trail.kinds.get(kind) ?? [])].join('\n')
  check(`what is planted is found: ${kind}`, fake.identifiers.in(text).length > 0, text.slice(0, 300))
}
const stored = [...one.trail.kinds.get('storage')].join('\n')
for (const [where, mark] of [['session storage', '"x":'], ['local storage', '"y"'], ['history', '"state":{"name"'], ['IndexedDB', '"z"']]) {
  check(`what is planted is noted: ${where}`, stored.includes(mark), stored.slice(0, 600))
}
for (const text of [planted, planted.toUpperCase(), encodeURIComponent(planted), Buffer.from(other).toString('base64'), Buffer.from(planted).toString('hex')]) {
  await fake.say('log found ' + text)
  await one.page.waitForTimeout(50)
  const lines = fake.log.filter((line) => line.includes('found '))
  check(`what is planted is found in the log as ${text}`, fake.identifiers.in(linesOf(lines)).length > 0, lines.join())
  for (const line of lines) fake.log.splice(fake.log.indexOf(line), 1)
}
forget(one)

// The control of the way with Tab: a ring taken away, something over half of the window, a trap.
const way = await person(browser, url)
await signIn(way.page, url, 'a100', fake.password)
const spoilt = async (spoil) => {
  await way.page.goto('/matches')
  await way.page.evaluate(spoil)
  return withTab(way.page)
}
const style = (css) => `{ const s = new CSSStyleSheet(); s.replaceSync(${JSON.stringify(css)}); document.adoptedStyleSheets = [s] }`
const ringless = await spoilt(style('a:focus { outline: none !important; box-shadow: none !important }'))
check('a missing ring is found', ringless.amiss.some((a) => a.endsWith('no ring')), ringless.amiss.join())
const covered = await spoilt(style('body::after { content: ""; position: fixed; inset: 50% 0 0; background: red; z-index: 9 }'))
check('what is covered is found', covered.amiss.some((a) => a.endsWith('covered')), covered.amiss.join())
const trapped = await spoilt(() => {
  const links = [...document.querySelectorAll('a')]
  links[4].addEventListener('keydown', (event) => {
    if (event.key === 'Tab') event.preventDefault()
  })
})
check('a trap is found', trapped.seen < trapped.wanted, `${trapped.seen} of ${trapped.wanted}`)

fake.stop()
await finish(browser)
for (const folder of folders) rmSync(folder, { recursive: true, force: true })

async function at(name) {
  const folder = mkdtempSync(join(tmpdir(), `sanctuary-${name}-`))
  folders.push(folder)
  const one = await personWithProfile(folder, url)
  await signIn(one.page, url, 'i200', fake.password)
  return { ...one, folder }
}

// Planted by us: not to be found again at the end.
function forget({ heard, trail }) {
  heard.splice(0)
  trails.splice(trails.indexOf(trail), 1)
}

// Identifiers in the files of a folder, as text of one and of two bytes a letter.
function inFolder(folder) {
  const spellings = fake.values.filter((v) => v.length > 5).flatMap((v) => [v, encodeURIComponent(v), v.replaceAll(' ', '+')])
  const typed = [...desk.trail.typed]
  const needles = [...new Set([...spellings, ...typed])].flatMap((v) => [[v, Buffer.from(v)], [v, Buffer.from(v, 'utf16le')]])
  const found = []
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = join(folder, name)
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue
    const bytes = readFileSync(path)
    for (const [value, needle] of needles) if (bytes.includes(needle)) found.push(`${decodeURIComponent(value.replaceAll('+', ' '))} in ${name}`)
  }
  return found
}
