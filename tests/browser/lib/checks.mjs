// A list of named checks: all of them run, those that fail are named at the end.
const results = []
const last = []

export function check(name, holds, detail = '') {
  results.push({ name, holds: Boolean(holds), detail })
  if (!holds) console.log(`FAILED  ${name}${detail ? ': ' + detail : ''}`)
}

export function same(name, found, wanted) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)]
  check(name, a === b, `${a} is not ${b}`)
}

// What is checked when everything else is done, while browsers are still open.
export const atEnd = (act) => last.push(act)

// The end of every run; without it a run has failed.
export async function finish(browser) {
  for (const act of last) await act()
  await browser?.close()
  const failed = results.filter((r) => !r.holds)
  console.log(`${results.length - failed.length} of ${results.length} checks hold`)
  if (failed.length || !results.length) process.exit(1)
}
