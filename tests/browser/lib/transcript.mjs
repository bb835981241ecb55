// What a screen reader is given: the browser's own accessibility tree, landmarks, headings and names in order,
// compared with a reviewed file. SANCTUARY_WRITE_SNAPSHOTS=1 writes the file anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { check } from './checks.mjs'

// Without words of their own: what is inside them is told.
const SILENT = new Set(['generic', 'none', 'InlineTextBox', 'LineBreak', 'RootWebArea', 'paragraph', 'ListMarker', 'DescriptionList', 'rowgroup', 'LayoutTable', 'LayoutTableRow', 'LayoutTableCell', 'strong', 'time'])
const WITH_NAME = new Set(['StaticText', 'heading', 'link', 'button', 'radio', 'checkbox', 'combobox', 'textbox', 'image', 'banner', 'navigation', 'main', 'contentinfo', 'region', 'alertdialog', 'table', 'DisclosureTriangle', 'DisclosureTriangleGrouped', 'group', 'radiogroup', 'option', 'status'])

export async function transcript(page) {
  const client = await page.context().newCDPSession(page)
  const { nodes } = await client.send('Accessibility.getFullAXTree')
  await client.detach()
  const byId = new Map(nodes.map((n) => [n.nodeId, n]))
  const lines = []
  const tell = (node, depth, inside) => {
    const role = node.role?.value
    const name = (node.name?.value ?? '').replace(/\s+/g, ' ').trim()
    const level = node.properties?.find((p) => p.name === 'level')?.value?.value
    const isTold = !node.ignored && role && !SILENT.has(role) && !(role === 'StaticText' && inside.includes(name))
    if (isTold && (name || role !== 'StaticText')) {
      const what = role === 'heading' ? `heading ${level}` : role
      const states = (node.properties ?? []).filter((p) => ['checked', 'expanded', 'required', 'invalid'].includes(p.name) && p.value.value && p.value.value !== 'false')
      lines.push('  '.repeat(depth) + what + (WITH_NAME.has(role) && name ? ` "${name}"` : '') + states.map((s) => `, ${s.name}`).join(''))
    }
    for (const id of node.childIds ?? []) {
      const child = byId.get(id)
      if (child) tell(child, depth + (isTold ? 1 : 0), isTold && role !== 'StaticText' && WITH_NAME.has(role) ? name : inside)
    }
  }
  tell(nodes[0], 0, '')
  // Times of day go with the clock.
  return lines.join('\n').replace(/\b\d{1,2}:\d{2}[ap]m\b/g, 'TIME') + '\n'
}

export async function compareTranscript(page, name) {
  const file = new URL(`../golden/${name}.txt`, import.meta.url)
  const found = await transcript(page)
  if (process.env.SANCTUARY_WRITE_SNAPSHOTS) writeFileSync(file, found)
  let wanted = ''
  try {
    wanted = readFileSync(file, 'utf8')
  } catch {
    // A missing file is a difference.
  }
  const [a, b] = [found.split('\n'), wanted.split('\n')]
  const at = a.findIndex((line, i) => line !== b[i])
  const detail = `line ${at + 1}: ${JSON.stringify(a[at])} is not ${JSON.stringify(b[at])}; run with SANCTUARY_WRITE_SNAPSHOTS=1 and review tests/browser/golden/${name}.txt`
  check(`what a screen reader is given: ${name}`, found === wanted, detail)
}
