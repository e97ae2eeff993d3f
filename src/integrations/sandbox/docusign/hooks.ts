import type { Answer, Request } from '../http.js';
import type { Envelopes } from './envelopes.js';
import type { Who } from './recipients.js';
import { DocusignFailure } from './failure.js';

interface Given extends Who {
  reason?: string;
}

/** What people or time do to an envelope. */
const DEEDS: Readonly<Record<string, (envelopes: Envelopes, id: string, given: Given) => object>> = {
  sign: (envelopes, id, who) => envelopes.sign(id, who),
  decline: (envelopes, id, { reason = 'Declined.', ...who }) => envelopes.decline(id, who, reason),
  expire: (envelopes, id) => envelopes.expire(id),
};

const PATH = /^\/_sandbox\/docusign\/envelopes\/([^/]+)\/(\w+)$/;

/** Answers `POST /_sandbox/docusign/envelopes/:id/{sign,decline,expire}`; undefined when it is not that. */
export function docusignHook(envelopes: Envelopes, { method, path, body }: Request): Answer | undefined {
  const [, id = '', name = ''] = PATH.exec(path) ?? [];
  const deed = DEEDS[name];
  if (method !== 'POST' || !deed) return undefined;
  try {
    return { status: 200, body: deed(envelopes, id, JSON.parse(body || '{}') as Given) };
  } catch (error) {
    if (error instanceof DocusignFailure) return error.answer();
    throw error;
  }
}
