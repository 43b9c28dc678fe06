// A real OpenID provider on loopback, for the tests of login: node server.mjs PORT CALLBACK…
// It asks for a name and takes any password. These people are known, with their groups:
import { Provider } from 'oidc-provider'

const people = {
  ada: { name: 'Ada Admin', groups: ['admins'] },
  priya: { name: 'Priya Patel', groups: ['team-payments', 'engineers'] },
  omar: { name: 'Omar Operator', groups: ['operators'] },
  guest: { name: 'Gil Guest', groups: [] },
}

const [port, ...callbacks] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`

const provider = new Provider(issuer, {
  clients: [{ client_id: 'tidings', client_secret: 'not-a-secret', redirect_uris: callbacks, grant_types: ['authorization_code'], response_types: ['code'] }],
  cookies: { keys: ['for tests only'] },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'], groups: ['groups'] },
  scopes: ['openid', 'profile', 'email', 'groups'],
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  async findAccount(_, id) {
    const known = people[id] ?? { name: id, groups: [] }
    return {
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, email: `${id}@example.com`, email_verified: true, ...known }),
    }
  },
})
provider.listen(Number(port), '127.0.0.1', () => console.log(`ready ${issuer}`))
