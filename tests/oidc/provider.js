// A real OpenID provider in this process, on a port of its own choice, with clients for every way in
// which Paddock can be one, and people who all know the same password.

import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import Provider from "oidc-provider";

export const redirect_uri = "https://paddock.example/api/v1/sign-in/provider/callback";
export const audience = "https://paddock.example";
export const secret = "a client's s3cret/+%";

/** Every algorithm that Paddock accepts. EdDSA has a second name, which this provider uses too. */
export const algorithms = [
  "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
];

/** The resource whose access tokens are signed by `algorithm`. */
export const resourceFor = (algorithm) => `${audience}/${algorithm}`;

function newKeys(generation) {
  const kinds = [
    ["rsa", { modulusLength: 2048 }],
    ["ec", { namedCurve: "P-256" }],
    ["ec", { namedCurve: "P-384" }],
    ["ec", { namedCurve: "P-521" }],
    ["ed25519", {}],
  ];
  return kinds.map(([kind, options], index) => ({
    ...generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" }),
    kid: `${generation}-${index}`,
    use: "sig",
  }));
}

function client(client_id, more) {
  return {
    client_id,
    redirect_uris: [redirect_uri],
    grant_types: ["authorization_code"],
    response_types: ["code"],
    ...more,
  };
}

const clients = [
  client("basic", { client_secret: secret, token_endpoint_auth_method: "client_secret_basic" }),
  client("public", { token_endpoint_auth_method: "none" }),
  // A server on this host, whose port is found only when it starts: a native client's may be any.
  client("browser", {
    client_secret: secret,
    token_endpoint_auth_method: "client_secret_basic",
    application_type: "native",
    redirect_uris: ["http://127.0.0.1/api/v1/sign-in/provider/callback"],
  }),
  ...algorithms.map((algorithm) =>
    client(`id-token-${algorithm}`, { client_secret: secret, id_token_signed_response_alg: algorithm })),
];

const people = {
  ada: { name: "Ada Lovelace", email: "ada@example.com", email_verified: true, realm_access: { roles: ["staff"] } },
  root: { name: "Root", email: "root@example.com", email_verified: false, realm_access: { roles: ["root", "staff"] } },
  pupil: { name: "Pupil" },
};

function configuration(keys) {
  return {
    clients,
    jwks: { keys },
    cookies: { keys: ["for tests"] },
    pkce: { required: () => true },
    conformIdTokenClaims: true,
    claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"], roles: ["realm_access"] },
    scopes: ["openid", "profile", "email", "roles", "challenge", "read:schema"],
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId, ...people[accountId] }) }),
    enabledJWA: { idTokenSigningAlgValues: algorithms },
    features: {
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          audience,
          scope: "challenge read:schema",
          accessTokenFormat: "jwt",
          accessTokenTTL: 24 * 3600,
          jwt: { sign: { alg: resource.slice(resource.lastIndexOf("/") + 1) } },
        }),
      },
    },
  };
}

export class TestProvider {
  #server;
  #scheme;
  #generation = 0;

  /** With a certificate and its key, { cert, key } in PEM, it speaks https. */
  constructor(certificate) {
    this.#server = certificate ? createTlsServer(certificate) : createServer();
    this.#scheme = certificate ? "https" : "http";
  }

  async start() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.issuer = `${this.#scheme}://127.0.0.1:${this.#server.address().port}`;
    this.restartWithNewKeys();
    return this;
  }

  /** Everything that it held is gone, as after a real restart; the address stays. */
  restartWithNewKeys() {
    this.#generation += 1;
    this.keys = newKeys(this.#generation);
    const provider = new Provider(this.issuer, configuration(this.keys));
    this.#server.removeAllListeners("request");
    this.#server.on("request", provider.callback());
    this.requests = [];
    this.#server.on("request", (request) => this.requests.push(request.url));
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
