// What people do with a request, by the pages alone.
import { check } from './checks.mjs'

// What moves between the agencies takes a moment: looks until the page says so.
export async function until(page, path, says, patience_ms = 10_000) {
  const started = Date.now()
  do {
    await page.goto(path)
    if ((await page.locator('main').innerText()).includes(says)) return true
    await page.waitForTimeout(Math.min(1_000, patience_ms / 50))
  } while (Date.now() - started < patience_ms)
  check(`${path} says "${says}"`, false, (await page.locator('main').innerText()).slice(0, 400))
  return false
}

// Opens whatever a control is folded into.
export const unfold = (locator) =>
  locator.evaluate((e) => {
    for (let d = e.closest('details'); d; d = d.parentElement.closest('details')) d.open = true
  })

// Presses a button, opening what it is folded into.
export async function press(page, name) {
  const button = page.locator('button', { hasText: name }).first()
  await unfold(button)
  await button.click()
  await page.waitForLoadState()
}

export async function confirmMatch(page, path) {
  await page.goto(path)
  await page.locator('#confirm').check()
  await page.locator('#reason').selectOption('record_fits')
  await press(page, 'Save decision')
}

// Fills in the request form for these details, after a call, and saves the draft.
export async function writeRequest(page, fields, urgency = 'routine') {
  await page.locator('#purpose').selectOption('investigate_exploitation')
  await page.locator('#gateway').selectOption('dpa_2018_sch2_para2')
  await page.locator('#urgency').selectOption(urgency)
  await page.locator('#enquiry').fill('Unpaid work at a car wash, crime number held')
  // Reasons copied from an earlier request would be refused.
  const soon = urgency !== 'routine'
  await page.locator('#necessity').fill(soon ? 'A caller said that she is to be moved abroad tonight' : 'Two people may be at risk on Friday and nobody else knows their state')
  await page.locator('#proportionality').fill(soon ? 'Only what lets a patrol know her and keep her safe' : 'Two details for one person, after a call that settled nothing')
  await page.locator('#wanted-contact').uncheck()
  for (const field of fields) {
    await page.locator('#wanted-' + field).check()
    await page.locator('#reason-' + field).fill(soon ? `Without her ${field} tonight's patrol may put her in danger` : `Officers need the ${field} to plan a safe first visit`)
  }
  await page.locator('#phoned').check()
  const about = page.locator('summary', { hasText: 'About the call' })
  if (!(await page.locator('#with').isVisible())) await about.click()
  if (!(await page.locator('#call_at').inputValue())) await page.locator('#call_at').fill('2026-12-01T09:00')
  await page.locator('#with').fill('Duty worker')
  await page.locator('#result').fill('Asked us to send a request')
  await press(page, 'Save the draft and see what each side will learn')
}

// Releases the first detail and withholds the second.
export async function proposeAnswer(page, [released, withheld]) {
  await page.locator('#verdict-' + released).selectOption('release')
  await page.locator('#value-' + released).fill('May be met at work by the people she fears')
  await page.locator('#verdict-' + withheld).selectOption('not_necessary')
  for (const list of ['source', 'information', 'onward']) await page.locator('#' + list).selectOption({ index: 1 })
  await page.locator('#report_text').fill('Seen by our worker this month; she would speak with an officer in our office.')
  if (await page.locator('#views').count()) {
    await page.locator('#views').check()
    await page.locator('#views_text').fill('She agrees that the police may call')
  }
  await press(page, 'Send to the second approver')
}
