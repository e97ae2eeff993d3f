/** Requests to wherever a user says: never into the house, never on to another address, bounded in time and size. */
import { lookup } from 'node:dns';
import { request as plain, type RequestOptions } from 'node:http';
import { request as secure } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Shorter than the time an effect has, so that a silent server still ends as an outcome. */
const TIMEOUT_MS = 10_000;
/** What is read of an answer; the rest is not wanted. */
const MOST_BYTES = 64 * 1024;

/** An answer, as far as it was read. */
export interface OutboundReply {
  status: number;
  retryAfterSeconds: number | undefined;
  /** Where a redirect leads. */
  location: string | undefined;
  body: string;
  /** False when there was more than was wanted. */
  isWhole: boolean;
}

/** What is sent. */
export interface OutboundRequest {
  method: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
}

/** The address leads into the house, or is none that one can send to. */
export class Forbidden extends Error {}

/** Addresses that are nobody's out there: this machine, private and shared networks, the cloud's own, documentation, multicast. */
const INSIDE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  INSIDE.addSubnet(network, prefix, 'ipv4');
/** Of IPv6 only what is given out to the public counts as outside; of that not what wraps an IPv4 address, or is for documents. */
const PUBLIC6 = new BlockList();
PUBLIC6.addSubnet('2000::', 3, 'ipv6');
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  INSIDE.addSubnet(network, prefix, 'ipv6');

/** Whether an address is out there, for everybody. */
export function isOutside(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !INSIDE.check(address, 'ipv4');
  return family === 6 && PUBLIC6.check(address, 'ipv6') && !INSIDE.check(address, 'ipv6');
}

/**
 * Sends a request and reads the answer. Redirects are answers. The address is looked at where it is connected to, so that a name cannot mean
 * one address when it is checked and another when it is used.
 * @param inside hosts (`name` or `name:port`) that may be in the house @param mostBytes what is read of an answer
 * @throws Forbidden, or Error without an answer
 */
export async function send(
  url: URL,
  { method, headers, body }: OutboundRequest,
  { inside, signal, mostBytes = MOST_BYTES }: { inside: readonly string[]; signal: AbortSignal; mostBytes?: number },
): Promise<OutboundReply> {
  const isAllowedIn = inside.includes(url.host) || inside.includes(url.hostname);
  checkUrl(url, isAllowedIn);
  const options: RequestOptions = {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
    lookup: isAllowedIn ? undefined : outsideOnly,
    // A connection that is kept was looked at for somebody else.
    agent: false,
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? secure : plain)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const done = (isWhole: boolean) =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfterSeconds: Number(response.headers['retry-after']) || undefined,
          location: response.headers.location,
          body: Buffer.concat(chunks).toString('utf8'),
          isWhole,
        });
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= mostBytes) chunks.push(chunk);
        else {
          done(false);
          response.destroy();
        }
      });
      response.on('end', () => done(true));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Why nothing is ever sent to an address; undefined when that depends on where its name leads. */
export function objectionTo(url: URL, inside: readonly string[]): string | undefined {
  try {
    checkUrl(url, inside.includes(url.host) || inside.includes(url.hostname));
    return undefined;
  } catch (error) {
    if (error instanceof Forbidden) return error.message;
    throw error;
  }
}

function checkUrl(url: URL, isAllowedIn: boolean): void {
  if (url.protocol !== 'https:' && !(isAllowedIn && url.protocol === 'http:'))
    throw new Forbidden('only https addresses are called');
  if (url.username !== '' || url.password !== '') throw new Forbidden('an address has no user and password here');
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // What is an address already is not looked up.
  if (!isAllowedIn && isIP(literal) !== 0 && !isOutside(literal))
    throw new Forbidden('the address is not one of the public internet');
}

/** Looks a name up, and forgets every address that is not out there. */
const outsideOnly: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const outside = addresses.filter(({ address }) => isOutside(address));
    const [first] = outside;
    if (!first) return callback(new Forbidden(`${hostname} is not in the public internet`), '', 0);
    if (options.all === true) callback(null, outside);
    else callback(null, first.address, first.family);
  });
};
