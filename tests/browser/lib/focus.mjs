// Goes through a page with Tab alone: what has the focus must be seen, must not lie under something that stays in
// place, and must show the focus.
import { check } from './checks.mjs'

const STEPS_MAX = 400

export async function tabThrough(page, where) {
  let found = await withTab(page)
  // The page may have changed on the way, by news or by a clock; what cannot be reached stays so.
  if (found.seen < found.wanted) found = await withTab(page)
  const { amiss, seen, wanted } = found
  check(`Tab shows where it is: ${where}`, amiss.length === 0, amiss.slice(0, 5).join('; '))
  check(`Tab reaches everything: ${where}`, seen >= wanted, `${seen} of ${wanted}`)
}

// What is wrong on the way, how many stops there were, and how many there should be.
export async function withTab(page) {
  await page.evaluate(() => {
    document.activeElement?.blur()
    getSelection()?.removeAllRanges()
    scrollTo(0, 0)
  })
  // From the top of the page, wherever the focus was before.
  await page.locator('body').evaluate((body) => {
    body.tabIndex = -1
    body.focus()
    body.removeAttribute('tabindex')
  })
  const seen = new Set()
  const amiss = []
  let last
  for (let step = 0; step < STEPS_MAX; step++) {
    await page.keyboard.press('Tab')
    const found = await page.evaluate(lookAtFocus)
    // A field for date and time has several stops of its own.
    if (found && found.key === last) continue
    if (!found || seen.has(found.key)) break
    last = found.key
    seen.add(found.key)
    if (found.amiss) amiss.push(`${found.what}: ${found.amiss}`)
  }
  return { amiss, seen: seen.size, wanted: await page.evaluate(countOfStops) }
}

function lookAtFocus() {
  const e = document.activeElement
  if (!e || e === document.body || e === document.documentElement) return null
  window.tabStops ??= new Map()
  if (!window.tabStops.has(e)) window.tabStops.set(e, window.tabStops.size)
  const key = window.tabStops.get(e)
  const what = `${e.tagName.toLowerCase()} "${(e.getAttribute('aria-label') ?? e.innerText ?? e.id).trim().slice(0, 40)}"`
  // Small boxes are drawn by their label.
  const drawn = e.id && e.matches('input[type=radio], input[type=checkbox]') ? document.querySelector(`label[for="${CSS.escape(e.id)}"]`) : null
  const styles = [getComputedStyle(e), ...(drawn ? [getComputedStyle(drawn, '::before')] : [])]
  const ring = styles.some((s) => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none')
  const box = e.getBoundingClientRect()
  const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)]
  const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)]
  let amiss = ''
  if (!e.checkVisibility() && !drawn?.checkVisibility()) amiss = 'not shown'
  else if (right - left < 1 || bottom - top < 1) amiss = 'outside the window'
  else if (!ring) amiss = 'no ring'
  else {
    // Some of each line of it must lie on top.
    const mine = (hit) => hit && (e.contains(hit) || drawn?.contains(hit) || hit.closest('label')?.control === e)
    const on = (r) => [0.5, 0.1, 0.9].some((x) => [0.5, 0.1, 0.9].some((y) => mine(document.elementFromPoint(r.left + r.width * x, r.top + r.height * y))))
    if (![...e.getClientRects()].some(on)) amiss = 'covered'
  }
  return { key, what, amiss }
}

// How many things Tab should stop at: a group of radios is one.
function countOfStops() {
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  const groups = new Set()
  return all.filter((e) => {
    if (e.disabled || !e.checkVisibility() || e.closest('[inert]')) return false
    if (e.tabIndex < 0) return false
    if (!e.matches('input[type=radio]')) return true
    const first = !groups.has(e.name)
    groups.add(e.name)
    return first
  }).length
}
