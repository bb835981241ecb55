// A list of named checks: all of them run, those that fail are named at the end.
const results = []

export function check(name, holds, detail = '') {
  results.push({ name, holds: Boolean(holds), detail })
  if (!holds) console.log(`FAILED  ${name}${detail ? ': ' + detail : ''}`)
}

export function same(name, found, wanted) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)]
  check(name, a === b, `${a} is not ${b}`)
}

export function finish() {
  const failed = results.filter((r) => !r.holds)
  console.log(`${results.length - failed.length} of ${results.length} checks hold`)
  if (failed.length || !results.length) process.exit(1)
}
