// An OpenID Connect provider: node provider.mjs <port> <address of the client>
// Whoever writes a name into its form is that person; admins have the group "ops". POST /rotate gives it other keys.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [port, client] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
let provider = make();

createServer(async (request, response) => {
  try {
    if (request.url === '/rotate') {
      provider = make();
      response.end('rotated');
    } else if (request.url.startsWith('/interaction/')) {
      await askForName(request, response);
    } else {
      provider.callback()(request, response);
    }
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
}).listen(port, 'localhost', () => console.log(`Provider listens at ${issuer}`));

function make() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const made = new Provider(issuer, {
    clients: [{
      client_id: 'agentstream',
      client_secret: 'a-secret-for-tests-only',
      redirect_uris: [new URL('sign-in/callback', client).href],
      post_logout_redirect_uris: [new URL('sign-out/callback', client).href],
    }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['for-tests-only'] },
    claims: { openid: ['sub'], profile: ['name', 'groups'] },
    pkce: { required: () => true },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id[0].toUpperCase()}${id.slice(1)} of the tests`, groups: id.startsWith('admin') ? ['ops'] : [] }),
    }),
    // Nobody is asked whether the client may know their name.
    async loadExistingGrant(context) {
      const { session, client: asking } = context.oidc;
      const grant = new made.Grant({ accountId: session.accountId, clientId: asking.clientId });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  });
  return made;
}

async function askForName(request, response) {
  if (request.method === 'GET') {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!DOCTYPE html><title>Provider</title><form method="post" action="${request.url}">
      <input name="login" data-testid="login"><button data-testid="log-in">Log in</button></form>`);
    return;
  }

  let form = '';
  for await (const piece of request) {
    form += piece;
  }

  const accountId = new URLSearchParams(form).get('login');
  await provider.interactionFinished(request, response, { login: { accountId } });
}
