// What one browser leaves behind: addresses asked for, titles, headers, files, and everything that it keeps.

export class Trail {
  // Kind to texts, each once.
  kinds = new Map()
  // What was typed into forms and is longer than a word: it may not come back in any of these either.
  typed = new Set()

  constructor(context) {
    this.context = context
    const note = (kind, text) => this.note(kind, text)
    context.on('request', (request) => {
      note('address', request.url())
      note('referrer', request.headers().referer)
      for (const [, value] of form(request)) if (value.length >= 12 && value.includes(' ')) this.typed.add(value)
    })
    context.on('response', (response) => {
      const { location, 'content-disposition': file, etag } = response.headers()
      for (const text of [location, file, etag]) note('header', text)
    })
    context.on('page', (page) => {
      page.on('framenavigated', (frame) => note('address', frame.url()))
      page.on('download', (file) => note('file name', file.suggestedFilename()))
      page.on('console', (message) => note('console', message.text()))
    })
    // Whatever closes it, it is looked through first.
    const close = context.close.bind(context)
    context.close = async (...words) => {
      await this.gather()
      return close(...words)
    }
  }

  note(kind, text) {
    if (!text) return
    if (!this.kinds.has(kind)) this.kinds.set(kind, new Set())
    this.kinds.get(kind).add(String(text))
  }

  // What is in the browser's storage now.
  async gather() {
    const kept = await this.context.storageState({ indexedDB: true }).catch(() => ({}))
    this.note('storage', JSON.stringify(kept))
    for (const page of this.context.pages()) {
      this.note('title', await page.title().catch(() => ''))
      const text = await page.evaluate(keptByPage).catch(() => '')
      this.note('storage', text)
    }
  }
}

function form(request) {
  try {
    return new URLSearchParams(request.postData() ?? '')
  } catch {
    return []
  }
}

async function keptByPage() {
  const caches = window.caches ? await window.caches.keys() : []
  const entries = await Promise.all(caches.map(async (name) => (await (await window.caches.open(name)).keys()).map((r) => r.url)))
  return JSON.stringify({
    session: { ...sessionStorage },
    state: history.state,
    window: window.name,
    cookies: document.cookie,
    caches: [caches, entries],
    workers: (await navigator.serviceWorker?.getRegistrations?.())?.map((w) => w.scope),
  })
}
