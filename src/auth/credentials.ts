import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database.js';
import { tenantExists, useKey } from './api-keys.js';
import { hashOf } from './keys.js';
import { Tokens, type Identity } from './tokens.js';

/** How long an answer is trusted, and so how long a revoked key still works in another process. */
const TRUST_MS = 5_000;
const MAX_KEPT = 10_000;

interface Kept extends Identity {
  until: number;
}

/** Finds out whom a credential speaks for; remembers it for 5 s, so that the hot path asks no database. */
@Injectable()
export class Credentials {
  private readonly kept = new Map<string, Kept>();
  /** Questions under way: what is asked meanwhile of the same credential has the same answer. */
  private readonly asked = new Map<string, Promise<Kept | undefined>>();

  constructor(
    private readonly database: Database,
    private readonly tokens: Tokens,
  ) {}

  /** The identity, if it was found out within the last seconds. */
  remembered(credential: string): Identity | undefined {
    const known = this.kept.get(hashOf(credential));
    return known && known.until > Date.now() ? known : undefined;
  }

  /** The identity, or undefined when the credential is not good: unknown, revoked, expired, of no tenant. */
  resolve(credential: string): Promise<Identity | undefined> {
    const hash = hashOf(credential);
    const under = this.asked.get(hash);
    if (under) return under;
    const asking = (isToken(credential) ? this.ofToken(credential) : this.ofKey(credential))
      .then((found) => {
        // Unless it was revoked while the question was under way.
        if (found && this.asked.get(hash) === asking) this.keep(hash, found);
        return found;
      })
      .finally(() => {
        if (this.asked.get(hash) === asking) this.asked.delete(hash);
      });
    this.asked.set(hash, asking);
    return asking;
  }

  /** Makes a revocation felt in this process at once. */
  forget(hash: string): void {
    this.kept.delete(hash);
    this.asked.delete(hash);
  }

  private async ofToken(token: string): Promise<Kept | undefined> {
    const identity = await this.tokens.verify(token);
    if (!identity || !(await this.database.system((tx) => tenantExists(tx, identity.tenant)))) return undefined;
    return { ...identity, until: Math.min(identity.expiresAt, Date.now() + TRUST_MS) };
  }

  private async ofKey(key: string): Promise<Kept | undefined> {
    const identity = await this.database.system((tx) => useKey(tx, hashOf(key)));
    return identity && { ...identity, until: Date.now() + TRUST_MS };
  }

  private keep(hash: string, identity: Kept): void {
    this.kept.delete(hash);
    this.kept.set(hash, identity);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}

/** A JWT begins with an encoded `{"`; our keys begin with `sw_`. */
const isToken = (credential: string): boolean => credential.startsWith('eyJ');
