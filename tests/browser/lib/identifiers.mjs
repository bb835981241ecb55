// Finds personal data where none may be: every identifier of the made-up records, as it is and as programs write it.
import { createHash } from 'node:crypto'

const GRAM = 6

export class Identifiers {
  constructor(values) {
    this.needles = new Map()
    this.words = []
    for (const value of new Set(values)) this.add(value)
  }

  add(value) {
    for (const spelt of spellings(value)) {
      // Short words are found as words only: "Ion" is in "version".
      if (spelt.length < GRAM) this.words.push([spelt, value, new RegExp(`(?<![a-z0-9])${spelt}(?![a-z0-9])`)])
      else for (const written of encodings(spelt)) this.needles.set(written, value)
    }
  }

  // The identifiers in a text, each as it is found there.
  in(text) {
    const found = new Set()
    for (const reading of readings(text)) {
      const grams = new Set()
      for (let at = 0; at + GRAM <= reading.length; at++) grams.add(reading.slice(at, at + GRAM))
      for (const [needle, value] of this.needles) {
        if (grams.has(needle.slice(0, GRAM)) && reading.includes(needle)) found.add(`${value} (as ${needle})`)
      }
      for (const [spelt, value, word] of this.words) if (word.test(reading)) found.add(`${value} (as ${spelt})`)
    }
    return [...found]
  }
}

const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december']

// One value as people and programs write it, in small letters.
function spellings(value) {
  const plain = value.toLowerCase().normalize('NFC')
  const all = new Set([plain, plain.replace(/\s+/g, ''), plain.replace(/\s+/g, '-'), plain.replace(/\s+/g, '_')])
  const words = plain.split(/\s+/)
  if (words.length === 2) all.add(words.reverse().join(' ')).add(`${words[0]}, ${words[1]}`)
  const digits = plain.replace(/[^0-9]/g, '')
  if (/^[0-9 +()-]+$/.test(plain) && digits.length >= 9) all.add(digits).add('+44' + digits.replace(/^0/, ''))
  const date = /^(\d{1,2}) ([a-z]+) (\d{4})$/.exec(plain)
  if (date && MONTHS.includes(date[2])) {
    const [day, month, year] = [date[1].padStart(2, '0'), String(MONTHS.indexOf(date[2]) + 1).padStart(2, '0'), date[3]]
    for (const [a, b, c] of [[year, month, day], [day, month, year], [month, day, year]]) {
      for (const sign of ['-', '/', '.', '']) all.add([a, b, c].join(sign))
    }
  }
  return all
}

// One spelling in other alphabets, in small letters. The first and last letters of Base64 depend on what is beside.
function encodings(spelt) {
  const all = new Set([spelt, [...spelt].reverse().join('')])
  const cased = new Set([spelt, spelt.toUpperCase(), spelt.replace(/(^|[\s-])\p{L}/gu, (w) => w.toUpperCase())])
  for (const text of cased) {
    const bytes = Buffer.from(text)
    all.add(bytes.toString('hex'))
    all.add(createHash('sha256').update(text).digest('hex'))
    for (const before of [0, 1, 2]) {
      const written = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replace(/=+$/, '')
      const sure = written.slice([0, 2, 3][before], (bytes.length + before) % 3 ? -1 : undefined)
      // In small letters these are less certain, so they have to be longer.
      if (sure.length >= 10) all.add(sure.toLowerCase()).add(sure.toLowerCase().replaceAll('+', '-').replaceAll('/', '_'))
    }
  }
  return all
}

// A text as it is and as it was before it was encoded for an address, a page or a log.
function readings(text) {
  const all = new Set([text])
  const percent = (t) => t.replaceAll('+', ' ').replace(/(%[0-9a-f]{2})+/gi, (m) => {
    try {
      return decodeURIComponent(m)
    } catch {
      return m
    }
  })
  all.add(percent(text)).add(percent(percent(text)))
  all.add(text.replace(/\\u\{?([0-9a-f]{4})\}?/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))))
  all.add(text.replace(/&#(x?)([0-9a-f]+);/gi, (m, x, n) => {
    const code = parseInt(n, x ? 16 : 10)
    return code < 0x110000 ? String.fromCodePoint(code) : m
  }))
  // UTF-16, as some files of browsers have it.
  if (text.includes('\0')) all.add(text.replaceAll('\0', ''))
  return [...all].map((t) => t.toLowerCase().normalize('NFC'))
}

// The values of a file of records that could tell who somebody is: those that few records share, and neighbours
// together, as a name in two columns.
export function ofFile(csv) {
  const rows = csv.trim().split(/\r?\n/).slice(1).map((line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => (m[1] ?? m[2]).replaceAll('""', '"').trim()))
  const counts = new Map()
  for (const value of rows.flat()) counts.set(value, (counts.get(value) ?? 0) + 1)
  // Days to come are those on which a record is looked at again.
  const single = rows.flat().filter((v) => v.length >= 7 && counts.get(v) <= 3 && !/^20(2[5-9]|[3-9]\d)-\d\d-\d\d$/.test(v))
  const pairs = rows.flatMap((row) => row.slice(1).map((v, i) => [row[i], v]).filter((two) => two.every((v) => /^\p{L}{2,}$/u.test(v))).map((two) => two.join(' ')))
  return [...new Set([...single, ...pairs.filter((p) => rows.length < 20 || (counts.get(p.split(' ')[0]) ?? 0) < rows.length / 4)])]
}
