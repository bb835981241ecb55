// Pictures of pages, and one sheet of small ones to look over.
import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.env.SCREENS

// Keeps a picture of the page as it is; none when nobody asked for pictures.
export async function keep(page, name) {
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

// All pictures whose name ends so, small, with their names, as one PNG.
export async function sheet(browser, ending, path, columns = 8) {
  if (!folder) return
  const names = readdirSync(folder).filter((n) => n.endsWith(ending + '.png') && !n.includes('-dark-') && !n.startsWith('sheet')).sort()
  const cells = names.map((name) => {
    const data = readFileSync(join(folder, name)).toString('base64')
    return `<figure><img src="data:image/png;base64,${data}"><figcaption>${name.slice(0, -ending.length - 4)}</figcaption></figure>`
  })
  const page = await browser.newPage({ viewport: { width: 150 * columns + 20, height: 800 } })
  await page.setContent(`<!doctype html><style>
    body { margin: 10px; display: grid; grid-template-columns: repeat(${columns}, 1fr); gap: 12px 8px; font: 11px sans-serif; background: #dfe3e6 }
    figure { margin: 0 } figcaption { margin-top: 4px }
    img { width: 100%; max-height: 200px; object-fit: cover; object-position: top; border: 1px solid #999; background: #fff }
    </style>${cells.join('')}`)
  await page.screenshot({ path, fullPage: true })
  await page.close()
}
