// An OpenID Connect provider: node provider.mjs <port> <address of the client>
// Whoever writes a name into its form is that person; admins have the group "ops".
// What tests tell it: /rotate gives it other keys, /groups?of=NAME&are=a,b other groups to somebody, /away?is=true makes it answer 503,
// /log-out?who=NAME ends what somebody has, and tells the client so, /asked says how often userinfo was asked.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [port, client] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const groups = new Map();
let away = false;
let asked = 0;
let provider = make();

createServer(async (request, response) => {
  try {
    const { pathname, searchParams } = new URL(request.url, issuer);
    if (pathname === '/rotate') {
      provider = make();
      response.end('rotated');
    } else if (pathname === '/groups') {
      groups.set(searchParams.get('of'), searchParams.get('are').split(',').filter(Boolean));
      response.end('changed');
    } else if (pathname === '/away') {
      away = searchParams.get('is') === 'true';
      response.end('changed');
    } else if (pathname === '/asked') {
      response.end(`${asked}`);
    } else if (pathname === '/log-out') {
      await (await provider.Client.find('agentstream')).backchannelLogout(searchParams.get('who'));
      response.end('told');
    } else if (away) {
      response.writeHead(503).end();
    } else if (request.url.startsWith('/interaction/')) {
      await askForName(request, response);
    } else {
      asked += pathname === '/me' ? 1 : 0;
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
      grant_types: ['authorization_code', 'refresh_token'],
      backchannel_logout_uri: new URL('sign-out/back-channel', client).href,
    }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['for-tests-only'] },
    claims: { openid: ['sub'], profile: ['name', 'groups'] },
    pkce: { required: () => true },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    // The client of these tests is on this machine, where the library lets nobody call otherwise.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    issueRefreshToken: () => true,
    ttl: { AccessToken: Number(process.env.ACCESS_TOKEN_SECONDS ?? 3600) },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id[0].toUpperCase()}${id.slice(1)} of the tests`, groups: groupsOf(id) }),
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

function groupsOf(id) {
  return groups.get(id) ?? (id.startsWith('admin') ? ['ops'] : []);
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
