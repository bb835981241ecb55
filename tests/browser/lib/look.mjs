// Looks at the page as it is, in every size and both colour schemes: accessibility, sideways scrolling, refused
// scripts, and whether anything about a person stands where it must not.
import { overflows, problems, traces, violations } from './browser.mjs'
import { check, same } from './checks.mjs'
import { keep } from './pictures.mjs'

// 640 is a window of 1280 at 200 % zoom.
const SIZES = [1280, 640, 400]

// What made-up records hold: family names, numbers, references. None may be in an address, a title or storage.
const PERSONAL = /Abara|Ilieva|Renshaw|Novotny|Brannigan|Okafor|Szabo|Varga|Hara-Lind|07700|mail\.example|\b(CS|HV)-\d{5}/

export async function look({ page, heard }, name) {
  // While a walk is being written.
  if (process.env.WALK_ONLY) return
  for (const dark of [false, true]) {
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
    for (const width of SIZES) {
      await page.setViewportSize({ width, height: 900 })
      const where = `${name} at ${width} ${dark ? 'dark' : 'light'}`
      same(`axe: ${where}`, await problems(page), [])
      check(`no sideways scroll: ${where}`, !(await overflows(page)))
      if (width !== 640) await picture(page, `${name}${dark ? '-dark' : ''}-${width}`)
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 320, height: 900 })
  check(`no sideways scroll: ${name} at 320`, !(await overflows(page)))
  await page.setViewportSize({ width: 1280, height: 900 })
  same(`nothing refused by the content security policy: ${name}`, await violations(page), [])
  same(`no script error, no request to elsewhere: ${name}`, heard.splice(0), [])
  const found = (await traces(page)).match(PERSONAL)
  check(`nothing personal in addresses, title or storage: ${name}`, !found, found?.[0])
}

// As it is when it is loaded at this width: filters are folded where there is no room beside the list.
async function picture(page, name) {
  const fold = (open) => page.evaluate((o) => document.querySelector('[data-filter]')?.toggleAttribute('open', o || innerWidth >= 992), open)
  await fold(false)
  await keep(page, name)
  await fold(true)
}

// The page's outline as a screen reader lists it: landmarks and headings in order.
export const outline = (page) =>
  page.evaluate(() => {
    const roles = { HEADER: 'banner', NAV: 'navigation', MAIN: 'main', FOOTER: 'contentinfo', SECTION: 'region', FORM: 'form' }
    const nameOf = (e) => e.getAttribute('aria-label') ?? document.getElementById(e.getAttribute('aria-labelledby'))?.textContent ?? ''
    const shown = (e) => e.checkVisibility()
    return [...document.querySelectorAll('header, nav, main, footer, section[aria-labelledby], [role=region], h1, h2, h3')]
      .filter(shown)
      .map((e) => (/^H\d$/.test(e.tagName) ? e.tagName.toLowerCase() + ' ' + e.textContent : (e.getAttribute('role') ?? roles[e.tagName]) + (nameOf(e) ? ' ' + nameOf(e) : '')).trim())
  })
