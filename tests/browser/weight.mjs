// How much the queue weighs on the wire, cold and warm. `node weight.mjs PROGRAM`.
import { launch, person } from './lib/browser.mjs'
import { check, finish } from './lib/checks.mjs'
import { signIn, start } from './lib/fake.mjs'

const FIRST_MAX = 150_000
const AFTER_MAX = 40_000
const browser = await launch()
const fake = await start(process.argv[2], 200)
const url = fake.urls.police

// One person signs in, another browser gets the cookies only: nothing is in its cache.
const one = await person(browser, url)
await signIn(one.page, url, 'a100', fake.password)
const client = await one.context.newCDPSession(one.page)
await client.send('Network.enable')
let bytes = 0
client.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength))
async function weigh(path) {
  bytes = 0
  await one.page.goto(path, { waitUntil: 'networkidle' })
  return bytes
}
await client.send('Network.clearBrowserCache')
const first = await weigh('/matches')
const after = await weigh('/matches?every=1')
console.log(`the queue of 200: ${first} bytes on first load, ${after} after`)
check('first load of the queue', first <= FIRST_MAX, `${first} bytes`)
check('the queue after that', after <= AFTER_MAX, `${after} bytes`)

fake.stop()
await finish(browser)
