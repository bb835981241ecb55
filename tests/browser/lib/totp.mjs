// Time-based one-time codes (RFC 6238, SHA-1, six digits, 30 s): what a phone shows.
import { createHmac } from 'node:crypto'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function bytes(base32) {
  const bits = [...base32.replace(/[\s=]/g, '').toUpperCase()].map((c) => LETTERS.indexOf(c).toString(2).padStart(5, '0')).join('')
  return Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
}

export function code(secret, ms = Date.now()) {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(ms / 30000)))
  const mac = createHmac('sha1', bytes(secret)).update(counter).digest()
  const at = mac[19] & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0')
}
