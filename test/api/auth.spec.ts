import { jest } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import pg from 'pg';
import { Roles } from '../../src/auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../src/auth/caller.js';
import { Credentials } from '../../src/auth/credentials.js';
import { hashOf } from '../../src/auth/keys.js';
import { Database } from '../../src/platform/database.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { startApi, type Api } from './http.app.js';

@Controller('toy')
class ToyController {
  @Get('me')
  me(@CurrentCaller() { tenant, userId, roles }: Caller) {
    return { tenant, userId, roles };
  }
  @Get('legal')
  @Roles('legal', 'admin')
  legal() {
    return {};
  }
}

const SECRET = 'a secret of the tests, long enough';
let api: Api;
let database: TestDatabase;
let sql: pg.Client;
const dataDir = mkdtempSync(join(tmpdir(), 'statewright-auth-'));

beforeAll(async () => {
  database = await testDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
  api = await startApi(database.url, { dataDir, controllers: [ToyController], env: { JWT_SECRET: SECRET } });
});
afterAll(async () => {
  await api.stop();
  await sql.end();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

const me = (credential: string, on = api) => on.ask('GET', '/toy/me', { as: credential });
const hs256 = (claims: JWTPayload, secret = SECRET, alg = 'HS256') =>
  new SignJWT({
    iss: 'statewright',
    aud: 'statewright',
    sub: 'u_1',
    tenant: 'demo',
    roles: ['investor'],
    exp: Math.floor(Date.now() / 1000) + 60,
    ...claims,
  })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret));

describe('API keys', () => {
  it('of the sandbox speak for one user of each role', async () => {
    expect((await me('investor')).json).toEqual({ tenant: 'demo', userId: 'inv_123', roles: ['investor'] });
    expect((await me('creator')).json).toEqual({ tenant: 'demo', userId: 'creator_789', roles: ['creator'] });
  });

  it('are shown once, stored as a hash, listed by a hint', async () => {
    const created = await api.ask('POST', '/admin/api-keys', {
      as: 'admin',
      body: { userId: 'u_2', roles: ['sales'], label: 'crm' },
    });
    expect(created).toMatchObject({
      status: 201,
      json: { userId: 'u_2', roles: ['sales'], label: 'crm', createdBy: 'admin_1' },
    });
    const key = String(created.json['key']);
    expect(key).toMatch(/^sw_[\w-]{43}$/);
    expect((await me(key)).json).toEqual({ tenant: 'demo', userId: 'u_2', roles: ['sales'] });

    const listed = await api.ask('GET', '/admin/api-keys?limit=1', { as: 'admin' });
    expect(listed.json).toMatchObject({
      data: [{ id: created.json['id'], hint: expect.stringMatching(/^sw_.{4}…$/) }],
      nextCursor: expect.any(String),
    });
    expect(listed.text).not.toContain(key);
    const next = await api.ask('GET', `/admin/api-keys?cursor=${String(listed.json['nextCursor'])}`, { as: 'admin' });
    expect(next.text).not.toContain(String(created.json['id']));
    const { rows } = await sql.query(
      'select to_jsonb(k)::text as row, last_used_at from auth.api_keys k where id = $1',
      [created.json['id']],
    );
    expect(rows[0].row).not.toContain(key);
    expect(rows[0].last_used_at).toBeInstanceOf(Date);
  });

  it('are made once for an Idempotency-Key, however often and fast it comes, and nothing that is stored tells them', async () => {
    const make = (label: string) =>
      api.ask('POST', '/admin/api-keys', {
        as: 'admin',
        body: { userId: 'u_4', roles: ['sales'], label },
        headers: { 'idempotency-key': 'make-1' },
      });
    const answers = await Promise.all([make('crm'), make('crm'), make('crm')]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const key = String(answers[0].json['key']);
    expect((await me(key)).json).toMatchObject({ userId: 'u_4' });
    expect((await sql.query(`select 1 from auth.api_keys where user_id = 'u_4'`)).rows).toHaveLength(1);
    const kept = await sql.query(`select answer::text from engine.idempotency where key = 'make-1'`);
    expect(kept.rows).toEqual([{ answer: expect.stringMatching(/^"sealed:1:/) }]);
    expect(await make('another')).toMatchObject({ status: 422, json: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });

  it('are looked up once, however many requests come with one at the same moment', async () => {
    const { json } = await api.ask('POST', '/admin/api-keys', {
      as: 'admin',
      body: { userId: 'u_7', roles: ['viewer'] },
    });
    const asked = jest.spyOn(api.app.get(Database), 'system');
    const credentials = api.app.get(Credentials);
    const answers = await Promise.all([1, 2, 3].map(() => credentials.resolve(String(json['key']))));
    expect(answers).toEqual(Array(3).fill(expect.objectContaining({ userId: 'u_7' })));
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
  });

  it('that were revoked while they were looked up are not remembered', async () => {
    const made = await api.ask('POST', '/admin/api-keys', { as: 'admin', body: { userId: 'u_8', roles: ['viewer'] } });
    const key = String(made.json['key']);
    const credentials = api.app.get(Credentials);
    const early = credentials.resolve(key);
    credentials.forget(hashOf(key));
    expect(await early).toMatchObject({ userId: 'u_8' });
    expect(credentials.remembered(key)).toBeUndefined();
  });

  it('stop working when they are revoked, and every act is audited', async () => {
    const { json } = await api.ask('POST', '/admin/api-keys', {
      as: 'admin',
      body: { userId: 'u_3', roles: ['viewer'] },
    });
    const key = String(json['key']);
    expect((await me(key)).status).toBe(200);
    expect((await api.ask('DELETE', `/admin/api-keys/${String(json['id'])}`, { as: 'admin' })).status).toBe(204);
    expect(await me(key)).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
    expect((await api.ask('DELETE', `/admin/api-keys/${String(json['id'])}`, { as: 'admin' })).status).toBe(204);
    expect(await api.ask('DELETE', '/admin/api-keys/key_none', { as: 'admin' })).toMatchObject({
      status: 404,
      json: { code: 'NOT_FOUND' },
    });
    const { rows } = await sql.query('select actor, action from engine.audit where target = $1 order by id', [
      json['id'],
    ]);
    expect(rows).toEqual([
      { actor: 'admin_1', action: 'auth.key-created' },
      { actor: 'admin_1', action: 'auth.key-revoked' },
    ]);
  });

  it('of one tenant are out of sight and reach of another', async () => {
    await sql.query(`insert into auth.tenants (tenant, name) values ('other', 'other')`);
    const stranger = await hs256({ tenant: 'other', roles: ['admin'] });
    const { json } = await api.ask('POST', '/admin/api-keys', {
      as: 'admin',
      body: { userId: 'u_4', roles: ['viewer'] },
    });
    expect((await api.ask('GET', '/admin/api-keys', { as: stranger })).json).toEqual({ data: [], nextCursor: null });
    expect((await api.ask('DELETE', `/admin/api-keys/${String(json['id'])}`, { as: stranger })).status).toBe(404);
    expect((await me(String(json['key']))).status).toBe(200);
  });

  it('survive a restart, and a revoked one stays revoked', async () => {
    await sql.query(`update auth.api_keys set revoked_at = clock_timestamp() where user_id = 'viewer_1'`);
    const again = await startApi(database.url, { dataDir, controllers: [ToyController] });
    try {
      expect((await me('legal', again)).status).toBe(200);
      expect((await me('viewer', again)).status).toBe(401);
    } finally {
      await again.stop();
    }
  });
});

describe('tokens', () => {
  it('are minted by administrators for users of their tenant', async () => {
    const minted = await api.ask('POST', '/admin/tokens', {
      as: 'admin',
      body: { userId: 'u_9', roles: ['creator', 'investor'], ttl: 60 },
    });
    expect(minted).toMatchObject({ status: 201, json: { tokenType: 'Bearer', expiresIn: 60, userId: 'u_9' } });
    expect((await me(String(minted.json['token']))).json).toEqual({
      tenant: 'demo',
      userId: 'u_9',
      roles: ['creator', 'investor'],
    });
    const { rows } = await sql.query(
      `select actor, details from engine.audit where action = 'auth.token-minted' and target = 'u_9'`,
    );
    expect(rows).toEqual([{ actor: 'admin_1', details: { roles: ['creator', 'investor'], ttl: 60 } }]);
  });

  it.each([
    { userId: 'u_1', roles: ['owner'] },
    { userId: 'u_1', roles: [] },
    { userId: 'u_1', roles: 'admin' },
    { userId: 'u 1', roles: ['admin'] },
    { userId: 'u_1', roles: ['admin'], ttl: 0 },
    { userId: 'u_1', roles: ['admin'], ttl: 86_401 },
    { userId: 'u_1', roles: ['admin'], ttl: null },
    { userId: 'u_1', roles: ['admin'], tenant: 'other' },
  ])('are not minted for %j', async (body) => {
    expect(await api.ask('POST', '/admin/tokens', { as: 'admin', body })).toMatchObject({
      status: 400,
      json: { code: 'WF006' },
    });
  });

  it('are the same for the same Idempotency-Key', async () => {
    const mint = () =>
      api.ask('POST', '/admin/tokens', {
        as: 'admin',
        body: { userId: 'u_5', roles: ['creator'] },
        headers: { 'idempotency-key': 'mint-1' },
      });
    const [first, again] = [await mint(), await mint()];
    expect(again).toMatchObject({ status: 201, text: first.text });
    expect((await me(String(again.json['token']))).json).toMatchObject({ userId: 'u_5' });
    const { rows } = await sql.query(
      `select 1 from engine.audit where action = 'auth.token-minted' and target = 'u_5'`,
    );
    expect(rows).toHaveLength(1);
  });

  it('are refused when anything about them is wrong', async () => {
    const now = Math.floor(Date.now() / 1000);
    const [head, body] = (await hs256({})).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    const bad = await Promise.all([
      hs256({}, 'another secret, also long enough!!'),
      hs256({ exp: now - 60 }),
      hs256({ iss: 'somebody' }),
      hs256({ aud: 'somebody' }),
      hs256({ tenant: 'nowhere' }),
      hs256({ tenant: "demo'; drop table" }),
      hs256({ roles: 'admin' }),
      hs256({ sub: '' }),
      hs256({ nbf: now + 60 }),
      hs256({}, SECRET, 'HS512'),
    ]);
    for (const token of [...bad, none, `${head}.${body}.`, 'eyJ', 'eyJhbGciOiJIUzI1NiJ9.e30.x']) {
      expect({ token, status: (await me(token)).status }).toEqual({ token, status: 401 });
    }
    expect((await me(await hs256({ roles: ['investor', 'owner', 7] }))).json).toMatchObject({ roles: ['investor'] });
  });

  describe('of an identity provider', () => {
    let jwks: Server;
    let withProvider: Api;
    let keys: Awaited<ReturnType<typeof generateKeyPair>>;
    const claims = () => ({
      iss: 'https://idp.test',
      aud: 'deals',
      sub: 'u_5',
      tenant: 'demo',
      roles: ['legal'],
      exp: Math.floor(Date.now() / 1000) + 60,
    });

    beforeAll(async () => {
      keys = await generateKeyPair('RS256', { extractable: true });
      const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
      jwks = createServer(
        (_, response) =>
          void response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })),
      );
      await new Promise<void>((ready) => jwks.listen(0, '127.0.0.1', ready));
      const { port } = jwks.address() as AddressInfo;
      withProvider = await startApi(database.url, {
        dataDir,
        controllers: [ToyController],
        env: { JWT_JWKS_URL: `http://127.0.0.1:${port}/jwks`, JWT_ISSUER: 'https://idp.test', JWT_AUDIENCE: 'deals' },
      });
    });
    afterAll(async () => {
      await withProvider.stop();
      jwks.close();
    });

    it('are verified by its published keys', async () => {
      const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(keys.privateKey);
      expect((await me(token, withProvider)).json).toEqual({ tenant: 'demo', userId: 'u_5', roles: ['legal'] });
    });

    it('cannot be forged with its public key as a shared secret', async () => {
      const publicPem = new TextEncoder().encode(await exportSPKI(keys.publicKey));
      const forged = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(publicPem);
      expect((await me(forged, withProvider)).status).toBe(401);
    });

    it('are the only ones: nothing is minted here without a secret', async () => {
      const answer = await withProvider.ask('POST', '/admin/tokens', {
        as: 'admin',
        body: { userId: 'u_1', roles: ['viewer'] },
      });
      expect(answer).toMatchObject({ status: 409, json: { code: 'NOT_CONFIGURED' } });
    });
  });
});

describe('the guard', () => {
  it('lets nobody in without a credential', async () => {
    const answer = await api.ask('GET', '/toy/me');
    expect(answer).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="statewright"');
  });

  it.each([
    ['of another scheme', 'Basic YTpi'],
    ['without a credential', 'Bearer'],
    ['with two credentials', 'Bearer a b'],
    ['longer than any token', `Bearer ${'x'.repeat(9_000)}`],
  ])('refuses a header %s', async (_, authorization) => {
    expect((await api.ask('GET', '/toy/me', { headers: { authorization } })).status).toBe(401);
  });

  it('takes tenant and user from the credential only', async () => {
    const headers = { 'x-user-id': 'admin_1', 'x-user-type': 'admin', 'x-tenant': 'other' };
    expect((await api.ask('GET', '/toy/me', { as: 'investor', headers })).json).toMatchObject({
      tenant: 'demo',
      userId: 'inv_123',
      roles: ['investor'],
    });
  });

  it('lets only the named roles pass', async () => {
    expect((await api.ask('GET', '/toy/legal', { as: 'legal' })).status).toBe(200);
    expect(await api.ask('GET', '/toy/legal', { as: 'investor' })).toMatchObject({
      status: 403,
      json: { code: 'WF005' },
    });
    expect(await api.ask('GET', '/admin/api-keys', { as: 'operator' })).toMatchObject({
      status: 403,
      json: { code: 'WF005' },
    });
  });

  it('slows down a user who asks too often, and nobody else', async () => {
    const narrow = await startApi(database.url, {
      dataDir,
      controllers: [ToyController],
      env: { RATE_LIMIT_PER_SECOND: '1' },
    });
    try {
      const [, , third] = [await me('legal', narrow), await me('legal', narrow), await me('legal', narrow)];
      expect(third).toMatchObject({ status: 429, json: { code: 'RATE_LIMITED' } });
      expect(Number(third?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect((await me('operator', narrow)).status).toBe(200);
      expect((await narrow.ask('GET', '/health/live')).status).toBe(200);
    } finally {
      await narrow.stop();
    }
  });

  it('stops looking up the credentials of an address that keeps guessing', async () => {
    const guessed = await startApi(database.url, { dataDir, controllers: [ToyController] });
    try {
      const guesses = await Promise.all(Array.from({ length: 150 }, (_, i) => me(`sw_guess_${i}`, guessed)));
      const late = await me('sw_guess_late', guessed);
      expect(new Set([...guesses, late].map(({ status }) => status))).toEqual(new Set([401, 429]));
    } finally {
      await guessed.stop();
    }
  });
});
