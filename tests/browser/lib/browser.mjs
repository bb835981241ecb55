// A browser as people have it, and ears for what they would not hear: refused scripts, errors, remote requests,
// dialogs, notifications. `checks.mjs` fails a run in which any of it was heard on any page.
import { createRequire } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { atEnd, same } from './checks.mjs'
import { Trail } from './trail.mjs'

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

function program() {
  const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => existsSync(p))
  if (!found) throw new Error('no Chromium: apt-get install chromium')
  return { executablePath: found, args: FLAGS }
}

export const launch = () => chromium.launch(program())

// As `person`, but the browser keeps its profile in this folder, as at a desk.
export async function personWithProfile(folder, origin, options = {}) {
  const context = await chromium.launchPersistentContext(folder, { ...program(), ...settings(origin, options) })
  return listen(context, origin, context.pages()[0] ?? (await context.newPage()))
}

// One person at one browser. `heard` fills with everything that must not happen.
export async function person(browser, origin, options = {}) {
  const context = await browser.newContext(settings(origin, options))
  return listen(context, origin)
}

function settings(origin, { width = 1280, dark = false, script = true, zoom = 1 }) {
  return {
    baseURL: origin,
    viewport: { width: Math.round(width / zoom), height: Math.round(900 / zoom) },
    deviceScaleFactor: zoom,
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: script,
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    reducedMotion: 'reduce',
  }
}

// What everybody's browser told and left behind, for the end of the run.
export const trails = []
let numbered = 0

async function listen(context, origin, opened) {
  const heard = []
  const trail = new Trail(context)
  trails.push(trail)
  // Told at once, so that nothing is lost with the page it happened on.
  await context.exposeBinding('tellTests', (_, kind, text) => {
    if (kind === 'title') trail.note('title', text)
    else heard.push(`${kind}: ${text}`)
    if (kind === 'notification') trail.note(kind, text)
  })
  await context.addInitScript(() => {
    const tell = window.tellTests
    document.addEventListener('securitypolicyviolation', (e) => tell('policy', `${e.violatedDirective} ${e.blockedURI}`))
    const title = () => tell('title', document.title)
    addEventListener('DOMContentLoaded', () => {
      title()
      const head = document.querySelector('title')
      if (head) new MutationObserver(title).observe(head, { childList: true, characterData: true, subtree: true })
    })
    const notify = (...words) => tell('notification', JSON.stringify(words))
    window.Notification = class { constructor(...words) { notify(...words) } static permission = 'granted' }
    if (window.ServiceWorkerRegistration) ServiceWorkerRegistration.prototype.showNotification = async (...words) => notify(...words)
  })
  const page = opened ?? (await context.newPage())
  page.on('pageerror', (error) => heard.push('script error: ' + error.message))
  page.on('dialog', (dialog) => {
    heard.push('dialog: ' + dialog.message())
    dialog.dismiss().catch(() => {})
  })
  page.on('console', (message) => {
    // GOV.UK Frontend reports a broken component with console.log. The browser itself notes every reply of 4xx.
    const text = message.text()
    // Hints of the browser to developers about forms, and its word that it forgot the site.
    if (message.type() === 'debug' || message.type() === 'verbose' || /^(\[DOM\]|Clear-Site-Data header)/.test(text)) return
    // The news of an open page break off when its console ends.
    if (text.startsWith('Failed to load resource: net::') && message.location().url.includes('/live?')) return
    if (!text.startsWith('Failed to load resource: the server responded with a status of 4')) heard.push('console: ' + text)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(origin + '/') && !request.url().startsWith('data:')) heard.push('remote: ' + request.url())
  })
  const number = ++numbered
  atEnd(() => same(`browser ${number}: nothing refused, no script error, no dialog, no request to elsewhere`, heard, []))
  return { context, page, heard, trail }
}

// Everything axe-core finds wrong on the page as it is now, one line each.
export async function problems(page) {
  if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(axe)
  const result = await page.evaluate(() =>
    window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
    }))
  return result.violations.flatMap((v) => v.nodes.map((node) => `${v.id} (${v.impact}): ${node.target.join(' ')} ${node.failureSummary.replace(/\s+/g, ' ')}`))
}

// Whether the page has to be scrolled sideways.
export const overflows = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1)
