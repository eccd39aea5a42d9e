// Paddock as the client of a real OpenID provider: discovery, keys, the whole login with a browser,
// JWT access tokens by resource indicator, rotation; and every token that must be refused.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, createHmac, createPublicKey, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as jose from "jose";
import { algorithms, audience, redirect_uri, resourceFor, secret, TestProvider } from "./provider.js";
import { Browser, Probe, signIn, tampered } from "./support.js";

const refetch_interval_s = 30; // RefreshPolicy::early_interval
const hour_s = 3600;

let provider;
const probes = [];

before(async () => {
  provider = await new TestProvider().start();
});

after(async () => {
  await Promise.all(probes.map((probe) => probe.close()));
  await provider.stop();
});

function newProbe(more) {
  const probe = new Probe({ issuer: provider.issuer, client_id: "basic", client_secret: secret, audience, ...more });
  probes.push(probe);
  return probe;
}

/** What an API client does by itself; its access token is a JWT for a resource. */
async function issuedTokens(algorithm) {
  const verifier = randomBytes(32).toString("base64url");
  const resource = resourceFor(algorithm);
  const query = new URLSearchParams({
    client_id: "public",
    redirect_uri,
    response_type: "code",
    scope: "openid challenge read:schema",
    resource,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const { code } = await new Browser().signIn(`${provider.issuer}/auth?${query}`, "ada");
  const response = await fetch(`${provider.issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: "public",
      code,
      redirect_uri,
      code_verifier: verifier,
      resource,
    }),
  });
  const tokens = await response.json();
  assert.ok(tokens.access_token, JSON.stringify(tokens));
  return tokens;
}

const accessToken = async (algorithm) => (await issuedTokens(algorithm)).access_token;

/** A token that the provider might have signed: by its own key, with any claims and header. */
async function signed(claims, header = {}) {
  const key = provider.keys.find((candidate) => candidate.crv === "P-256");
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: provider.issuer, sub: "ada", aud: audience, iat: now, exp: now + hour_s, ...claims };
  return new jose.SignJWT(all)
    .setProtectedHeader({ alg: "ES256", kid: key.kid, typ: "at+jwt", ...header })
    .sign(await jose.importJWK(key, "ES256"), { crit: { extension: true } });
}

const refused = (answer) => assert.equal(answer.code, "denied", JSON.stringify(answer));

for (const algorithm of algorithms) {
  test(`an access token signed with ${algorithm} is accepted, a tampered one refused`, async () => {
    const probe = newProbe();
    const token = await accessToken(algorithm);
    assert.equal(jose.decodeProtectedHeader(token).alg, algorithm);
    const claims = await probe.verify(token);
    assert.equal(claims.subject, "ada", claims.message);
    assert.deepEqual(claims.scopes, ["challenge", "read:schema"]);
    refused(await probe.verify(tampered(token, "payload")));
    refused(await probe.verify(tampered(token, "signature")));
  });

  test(`a browser signs in with an id_token signed with ${algorithm}`, async () => {
    const claims = await signIn(newProbe({ client_id: `id-token-${algorithm}` }), "ada");
    assert.equal(claims.subject, "ada", claims.message);
  });
}

test("a token that has expired or comes from the future is refused", async () => {
  const probe = newProbe();
  const token = await accessToken("RS256");
  assert.equal((await probe.verify(token, 23 * hour_s)).subject, "ada");
  refused(await probe.verify(token, 25 * hour_s));
  refused(await probe.verify(token, -hour_s));
  const now = Math.floor(Date.now() / 1000);
  refused(await probe.verify(await signed({ nbf: now + hour_s })));
  refused(await probe.verify(await signed({ exp: now - hour_s })));
});

test("a token for another audience or of another issuer is refused", async () => {
  const probe = newProbe();
  assert.equal((await probe.verify(await signed({}))).subject, "ada");
  assert.equal((await probe.verify(await signed({ aud: ["https://other.example", audience] }))).subject, "ada");
  refused(await probe.verify(await signed({ aud: "https://other.example" })));
  refused(await probe.verify(await signed({ iss: "https://other.example" })));
  const other = newProbe({ audience: "https://other.example" });
  refused(await other.verify(await accessToken("RS256")));
});

test("a token signed in a way that its key is not for is refused", async () => {
  const probe = newProbe();
  const claims = { iss: provider.issuer, sub: "root", aud: audience, exp: Math.floor(Date.now() / 1000) + hour_s };
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  const rsa = provider.keys.find((key) => key.kty === "RSA");
  const pem = createPublicKey({ key: rsa, format: "jwk" }).export({ type: "spki", format: "pem" });
  for (const [alg, hash] of [["HS256", "sha256"], ["HS384", "sha384"], ["HS512", "sha512"], ["RS256", "sha256"]]) {
    const header = Buffer.from(JSON.stringify({ alg, kid: rsa.kid })).toString("base64url");
    const mac = createHmac(hash, pem).update(`${header}.${payload}`).digest("base64url");
    refused(await probe.verify(`${header}.${payload}.${mac}`));
  }
  for (const alg of ["none", "None", "NONE"]) {
    const header = Buffer.from(JSON.stringify({ alg, kid: rsa.kid })).toString("base64url");
    refused(await probe.verify(`${header}.${payload}.`));
    refused(await probe.verify(`${header}.${payload}.AAAA`));
  }
  const honest = await accessToken("RS256");
  for (const alg of ["PS256", "RS512", "ES256", "EdDSA"]) {
    const header = { ...jose.decodeProtectedHeader(honest), alg };
    const parts = honest.split(".");
    refused(await probe.verify([Buffer.from(JSON.stringify(header)).toString("base64url"), parts[1], parts[2]].join(".")));
  }
  refused(await probe.verify(await signed({}, { crit: ["extension"], extension: 1 })));
  refused(await probe.verify(await signed({}, { typ: "logout+jwt" })));
});

test("an id_token is refused where an access token is asked for", async () => {
  const { id_token } = await issuedTokens("RS256");
  refused(await newProbe().verify(id_token));
});

test("a private authority is trusted when it is named, for the host that it vouches for", async () => {
  const folder = mkdtempSync(join(tmpdir(), "paddock-oidc-"));
  const [ca_file, key_file] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  const certify = (name) => {
    execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-subj", "/CN=test", "-addext", `subjectAltName=${name}`, "-keyout", key_file, "-out", ca_file], { stdio: "pipe" });
    return { cert: readFileSync(ca_file), key: readFileSync(key_file) };
  };
  const own = provider;
  try {
    provider = await new TestProvider(certify("IP:127.0.0.1")).start();
    assert.equal((await newProbe({ ca_file }).verify(await signed({}))).subject, "ada");
    const untrusted = await newProbe().verify(await signed({}));
    assert.equal(untrusted.code, "unavailable");
    assert.match(untrusted.message, /--oidc-ca-file/);
    await provider.stop();
    provider = await new TestProvider(certify("DNS:other.example")).start();
    assert.equal((await newProbe({ ca_file }).verify(await signed({}))).code, "unavailable");
    await provider.stop();
  } finally {
    provider = own;
    rmSync(folder, { recursive: true });
  }
});

test("names come from userinfo where the provider leaves them out of the id_token", async () => {
  const scopes = "openid profile email roles";
  const mapping = { scopes, role_claim: "realm_access.roles", roles: "staff=teacher,root=admin" };
  const ada = await signIn(newProbe(mapping), "ada");
  assert.deepEqual([ada.name, ada.email, ada.email_verified, ada.role], ["Ada Lovelace", "ada@example.com", true, "teacher"]);
  const root = await signIn(newProbe(mapping), "root");
  assert.deepEqual([root.name, root.email_verified, root.role], ["Root", false, "admin"]);
  const pupil = await signIn(newProbe(mapping), "pupil");
  assert.deepEqual([pupil.name, pupil.email, pupil.role], ["Pupil", "", "learner"]);
});

test("a public client and one that names a resource sign in too", async () => {
  assert.equal((await signIn(newProbe({ client_id: "public", client_secret: "" }), "ada")).subject, "ada");
  const claims = await signIn(newProbe({ resource: resourceFor("PS256"), scopes: "openid challenge" }), "ada");
  assert.equal(claims.subject, "ada", claims.message);
});

test("a login can be finished once, by the browser that started it, in time", async () => {
  const probe = newProbe();
  const started = await probe.do({ do: "start" });
  const other = await probe.do({ do: "start" });
  const callback = await new Browser().signIn(started.url, "ada");
  const finish = { do: "finish", cookie: started.cookie, ...callback };
  refused(await probe.do({ ...finish, cookie: other.cookie }));
  refused(await probe.do({ ...finish, cookie: "" }));
  refused(await probe.do({ ...finish, state: `${callback.state}x` }));
  refused(await probe.do({ ...finish, iss: "https://other.example" }));
  refused(await probe.do({ ...finish, iss: "" }));
  refused(await probe.do({ ...finish, offset_s: 601 }));
  assert.equal((await probe.do(finish)).subject, "ada");
  const again = await probe.do(finish);
  refused(again);
  assert.match(again.message, /sign in again/);
});

test("a code of another login does not pass its verifier", async () => {
  const probe = newProbe();
  const mine = await probe.do({ do: "start" });
  const theirs = await probe.do({ do: "start" });
  const my_callback = await new Browser().signIn(mine.url, "ada");
  const their_callback = await new Browser().signIn(theirs.url, "root");
  refused(await probe.do({ do: "finish", cookie: mine.cookie, ...my_callback, code: their_callback.code }));
});

test("who says no at the provider is told so", async () => {
  const answer = await signIn(newProbe(), "ada", { refuses: true });
  refused(answer);
  assert.match(answer.message, /cancelled or refused/);
});

test("a wrong client secret is the administrator's to mend, and is in no message", async () => {
  const probe = newProbe({ client_secret: "wrong-s3cret" });
  const answer = await signIn(probe, "ada");
  assert.equal(answer.code, "internal");
  assert.match(answer.message, /--oidc-client-secret/);
  assert.doesNotMatch(answer.message + probe.log, /wrong-s3cret/);
});

test("an issuer that is spelled otherwise is not believed", async () => {
  const answer = await newProbe({ issuer: `${provider.issuer}/` }).do({ do: "start" });
  assert.equal(answer.code, "unavailable");
  assert.match(answer.message, /--oidc-issuer/);
});

test("new keys are accepted without a restart, made-up ones ask the provider for nothing", async () => {
  const probe = newProbe();
  const old_token = await accessToken("ES256");
  assert.equal((await probe.verify(old_token)).subject, "ada");
  provider.restartWithNewKeys();
  const new_token = await accessToken("ES256");
  const fetches = () => provider.requests.filter((url) => url.startsWith("/jwks")).length;
  refused(await probe.verify(new_token));
  assert.equal(fetches(), 0, "the keys are younger than the interval");
  assert.equal((await probe.verify(new_token, refetch_interval_s)).subject, "ada");
  assert.equal(fetches(), 1);
  refused(await probe.verify(old_token, refetch_interval_s));
  for (let count = 0; count < 10; ++count) {
    refused(await probe.verify(await signed({}, { kid: `made-up-${count}` }), refetch_interval_s));
  }
  assert.equal(fetches(), 1);
});

test("while the provider is down its keys go on to serve, and logins are unavailable", async () => {
  const own = provider;
  provider = await new TestProvider().start();
  const probe = newProbe();
  const token = await accessToken("EdDSA");
  assert.equal((await probe.verify(token)).subject, "ada");
  const unknown = await signed({}, { kid: "not-yet-seen" });
  await provider.stop();
  assert.equal((await probe.verify(token, 2 * hour_s)).subject, "ada");
  assert.equal((await probe.verify(unknown, 100)).code, "unavailable");
  assert.equal((await newProbe().do({ do: "start" })).code, "unavailable");
  provider = own;
});
