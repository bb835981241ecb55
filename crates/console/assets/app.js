// Adds speed for those who have script. Every action is a link or a form and works without any of this.

const all = (selector, within = document) => [...within.querySelectorAll(selector)]
const one = (selector) => document.querySelector(selector)

// Filters are open where there is room beside the list.
const filter = one('[data-filter]')
if (filter && matchMedia('(min-width: 62em)').matches) filter.open = true

// How many rows are ticked.
const picked = one('[data-picked]')
if (picked) {
  document.addEventListener('change', () => {
    const count = all('[data-pick]:checked').length
    picked.textContent = count ? count + ' selected' : 'None selected'
  })
}

// Single keys work only while the list has the focus (WCAG 2.1.4), never with a modifier, never in a field where
// one types, and never save anything. Without data-keys-on they are off.
const list = one('[data-list][data-keys-on]')
if (list) {
  const rows = all('[data-row]', list)
  let at = 0
  const mark = (index) => {
    rows[at].classList.remove('app-row--current')
    at = Math.max(0, Math.min(rows.length - 1, index))
    rows[at].classList.add('app-row--current')
  }
  list.addEventListener('focusin', (event) => {
    const index = rows.indexOf(event.target.closest('[data-row]'))
    if (index >= 0 && index !== at) mark(index)
  })
  list.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.target.matches('select, textarea, input:not([type=checkbox])')) return
    const link = rows[at]?.querySelector('[data-open]')
    if (!link) return
    const answer = { c: 'confirm', n: 'not-same', u: 'cannot-tell' }[event.key]
    if (event.key === 'j' || event.key === 'k') {
      mark(at + (event.key === 'j' ? 1 : -1))
      rows[at].querySelector('[data-open]').focus()
    } else if (event.key === 'x') {
      rows[at].querySelector('[data-pick]')?.click()
    } else if (answer) {
      location.href = link.getAttribute('href') + '?answer=' + answer + '#' + answer
    } else {
      return
    }
    event.preventDefault()
  })
}

// Arriving with an answer chosen: the server has ticked it, here it gets the focus.
const answer = new URLSearchParams(location.search).get('answer')
const chosen = answer && /^[a-z-]+$/.test(answer) && document.getElementById(answer)
if (chosen) addEventListener('load', () => chosen.focus())

// Escape closes the panel of keys and goes back to what opened it.
const keys = one('details[data-keys]')
if (keys) {
  keys.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    keys.open = false
    keys.querySelector('summary').focus()
  })
}

// Printing is the browser's: the button is there only with script.
for (const button of all('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => print())
}

// Drafts: what is being typed is kept at the node a moment after the typing stops, and when the page is left.
const writes = one('form[data-draft]')
if (writes) {
  const said = one('[data-draft-said]')
  let typed = false
  let waits
  const keep = async (leaving) => {
    clearTimeout(waits)
    if (!typed) return
    typed = false
    const body = new URLSearchParams(new FormData(writes))
    body.set('auto', '1')
    try {
      const kept = await fetch('/drafts', { method: 'POST', body, redirect: 'manual', keepalive: leaving })
      if (said) said.textContent = kept.status === 204 ? 'Kept as a draft.' : 'Not kept as a draft: load the page again before you go on.'
      if (kept.status === 204) used()
    } catch {
      typed = true
    }
  }
  writes.addEventListener('input', () => {
    typed = true
    clearTimeout(waits)
    waits = setTimeout(() => keep(false), 4000)
  })
  writes.addEventListener('submit', () => { typed = false; clearTimeout(waits) })
  addEventListener('pagehide', () => keep(true))
}

// News of the console, while the page is open: counts change in place, rows never move by themselves.
const live = one('[data-live]')
if (live && 'EventSource' in window) {
  const summary = one('[data-live-summary]')
  const source = new EventSource(live.dataset.live)
  const text = (count) => (count === 1 ? live.dataset.one : count.toLocaleString('en-GB') + ' ' + live.dataset.many)
  source.addEventListener('message', (event) => {
    const { matches, cases } = JSON.parse(event.data)
    const fresh = summary ? matches?.arrived : cases?.moved
    if (summary && matches) {
      const late = matches.overdue ? `, ${matches.overdue} overdue.` : '. None is overdue.'
      summary.textContent = matches.waiting.toLocaleString('en-GB') + (matches.waiting === 1 ? ' waits' : ' wait') + ' for a decision' + late
    }
    if (!fresh) return
    const show = document.createElement('a')
    show.href = live.dataset.href
    show.className = 'govuk-link'
    show.textContent = fresh === 1 ? 'Show it' : 'Show them'
    live.replaceChildren(text(fresh) + '. ', show)
  })
  source.addEventListener('ended', () => {
    source.close()
    live.replaceChildren('This page gets no more news. Load it again to go on.')
  })
  addEventListener('pagehide', () => source.close())
}

// Two minutes before the session ends by disuse: say so, one key to stay (WCAG 2.2.1).
const idle = one('[data-idle-ms]')
let ends
const used = () => {
  if (!idle) return
  clearTimeout(ends)
  idle.hidden = true
  const warn_ms = 120000
  ends = setTimeout(() => {
    idle.hidden = false
    idle.querySelector('button, a')?.focus()
  }, Math.max(0, Number(idle.dataset.idleMs) - warn_ms))
}
used()
