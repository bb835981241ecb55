// A real identity provider: the npm package `oidc-provider`, with people, passwords and a second factor of its own.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const modules = process.env.BROWSER_MODULES
const require = createRequire(join(modules, 'index.js'))
const CLIENT = 'sanctuary-console'
export const SECRET = 'a-secret-of-the-client-that-is-long-enough'
// Whatever their password, people type this for their second factor; without it they are signed in with one.
export const SECOND = '123456'

// `people`: account to staff number and groups. Ready once `open` was told where the console is.
export async function startProvider(people) {
  let away = false
  const server = createServer((request, reply) => (away && request.url === '/token' ? request.socket.destroy() : handle(request, reply)))
  let handle = (_, reply) => reply.writeHead(503).end()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://localhost:${server.address().port}`
  return {
    issuer,
    // What the console is told of it.
    settings: { issuer, client_id: CLIENT, client_secret: SECRET },
    open: async (origin) => {
      const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')))
      handle = serve(new Provider(issuer, configuration(origin, people)))
    },
    // It still shows its pages and answers no console any more.
    goAway: () => (away = true),
    stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections() }),
  }
}

const configuration = (origin, people) => ({
  clients: [{
    client_id: CLIENT,
    client_secret: SECRET,
    redirect_uris: [origin + '/sign-in/return'],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  pkce: { required: () => true },
  // Claims in the token itself, as Entra ID and Keycloak give them.
  conformIdTokenClaims: false,
  claims: { openid: ['sub', 'amr'], profile: ['staff_number', 'groups'], auth_time: null, acr: null, iss: null, sid: null },
  scopes: ['openid', 'profile'],
  features: { devInteractions: { enabled: false } },
  cookies: { keys: ['only-for-tests'] },
  interactions: { url: (_, interaction) => '/interaction/' + interaction.uid },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id]?.claims }) }),
  // The agency has agreed to this application for all its people.
  loadExistingGrant: async (context) => {
    const { client, session, provider } = context.oidc
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
    grant.addOIDCScope('openid profile')
    await grant.save()
    return grant
  },
})

function serve(provider) {
  const callback = provider.callback()
  provider.on('server_error', (_, error) => console.log('provider:', error))
  return async (request, reply) => {
    if (!request.url.startsWith('/interaction/')) return callback(request, reply)
    try {
      if (request.method === 'POST') return await finish(provider, request, reply)
      reply.setHeader('content-type', 'text/html; charset=utf-8')
      reply.end(`<!doctype html><html lang="en"><title>Provider</title><main><h1>Provider</h1><form method="post">
        <label>Account <input name="account"></label> <label>Code <input name="code"></label>
        <button>Continue</button> <button name="deny" value="1">Cancel</button></form></main></html>`)
    } catch (error) {
      reply.writeHead(500).end(String(error))
    }
  }
}

async function finish(provider, request, reply) {
  let body = ''
  for await (const piece of request) body += piece
  const form = new URLSearchParams(body)
  if (form.get('deny')) {
    return provider.interactionFinished(request, reply, { error: 'access_denied' })
  }
  const amr = form.get('code') === SECOND ? ['pwd', 'otp'] : ['pwd']
  return provider.interactionFinished(request, reply, { login: { accountId: form.get('account'), amr } })
}
