// Looks at the page as it is, in every size and both colour schemes: accessibility, sideways scrolling, the way with
// Tab, refused scripts.
import { overflows, problems } from './browser.mjs'
import { check, same } from './checks.mjs'
import { tabThrough } from './focus.mjs'
import { keep } from './pictures.mjs'
import { looked } from './routes.mjs'

// Width and whether it is dark. 640 is a window of 1280 at 200 % zoom.
const SIZES = [[1280, false], [640, false], [400, false], [1280, true], [400, true]]

export async function look({ page, heard, trail }, name) {
  // While a walk is being written.
  if (process.env.WALK_ONLY) return
  looked(page.url())
  const focused = await page.evaluateHandle(() => document.activeElement)
  for (const [width, dark] of SIZES) {
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
    await page.setViewportSize({ width, height: 900 })
    const where = `${name} at ${width} ${dark ? 'dark' : 'light'}`
    same(`axe: ${where}`, await problems(page), [])
    check(`no sideways scroll: ${where}`, !(await overflows(page)))
    if (width !== 640) await picture(page, `${name}${dark ? '-dark' : ''}-${width}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 320, height: 900 })
  check(`no sideways scroll: ${name} at 320`, !(await overflows(page)))
  await tabThrough(page, `${name} at 320`)
  await page.setViewportSize({ width: 1280, height: 900 })
  await tabThrough(page, `${name} at 1280`)
  await focused.evaluate((element) => element?.focus())
  same(`nothing refused, no script error, no request to elsewhere: ${name}`, heard.splice(0), [])
  await trail.gather()
}

// As it is when it is loaded at this width: filters are folded where there is no room beside the list.
async function picture(page, name) {
  const fold = (open) => page.evaluate((o) => document.querySelector('[data-filter]')?.toggleAttribute('open', o || innerWidth >= 992), open)
  await fold(false)
  await keep(page, name)
  await fold(true)
}
