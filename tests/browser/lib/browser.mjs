// A browser as people have it, and ears for what they would not hear: refused scripts, errors, remote requests.
import { createRequire } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// Packages are installed under target, never into the tree.
const modules = process.env.BROWSER_MODULES
if (!modules) throw new Error('BROWSER_MODULES must name the folder that holds node_modules')
const require = createRequire(join(modules, 'index.js'))
const { chromium } = require('playwright-core')
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function launch() {
  const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => existsSync(p))
  if (!found) throw new Error('no Chromium: apt-get install chromium')
  return chromium.launch({ executablePath: found, args: FLAGS })
}

// One person at one browser. `heard` fills with everything that must not happen.
export async function person(browser, origin, { width = 1280, dark = false, script = true, zoom = 1 } = {}) {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: Math.round(width / zoom), height: Math.round(900 / zoom) },
    deviceScaleFactor: zoom,
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: script,
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    reducedMotion: 'reduce',
  })
  const heard = []
  if (script) {
    await context.addInitScript(() => {
      window.violations = []
      document.addEventListener('securitypolicyviolation', (e) =>
        window.violations.push(e.violatedDirective + ' ' + e.blockedURI))
    })
  }
  const page = await context.newPage()
  page.on('pageerror', (error) => heard.push('script error: ' + error.message))
  page.on('console', (message) => {
    // GOV.UK Frontend reports a broken component with console.log. The browser itself notes every reply of 4xx.
    const text = message.text()
    // Hints of the browser to developers about forms.
    if (message.type() === 'debug' || message.type() === 'verbose' || text.startsWith('[DOM]')) return
    if (!text.startsWith('Failed to load resource: the server responded with a status of 4')) heard.push('console: ' + text)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) heard.push('remote: ' + request.url())
  })
  return { context, page, heard }
}

// Everything axe-core finds wrong on the page as it is now, one line each.
export async function problems(page) {
  await page.evaluate(axe)
  const result = await page.evaluate(() =>
    window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
    }))
  return result.violations.flatMap((v) => v.nodes.map((node) => `${v.id} (${v.impact}): ${node.target.join(' ')} ${node.failureSummary.replace(/\s+/g, ' ')}`))
}

// What the browser refused under the content security policy.
export const violations = (page) => page.evaluate(() => window.violations ?? [])

// Whether the page has to be scrolled sideways.
export const overflows = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1)

// What stays in the browser and where personal data could get to: addresses, title, storage.
export const traces = (page) =>
  page.evaluate(() => JSON.stringify({
    url: location.href,
    title: document.title,
    links: [...document.querySelectorAll('[href], [action], [src]')].map((e) => e.getAttribute('href') ?? e.getAttribute('action') ?? e.getAttribute('src')),
    local: { ...localStorage },
    session: { ...sessionStorage },
    cookies: document.cookie,
  }))
