/** The kinds of records that deals are about: how they look, where they are kept, how they are stored. */
import type { Tx } from '../platform/database.js';
import { PutRequester } from './nda/nda.requester.dto.js';
import { putRequester } from './nda/nda.requesters.js';
import { PutCompany } from './production/companies.dto.js';
import { storeCompany } from './production/companies.js';
import { PutCreator, PutInvestor, PutPitch } from './records.dto.js';
import type { RecordShape } from './records.import.js';
import { COLUMNS, putCreator, putInvestor, putPitch } from './records.js';

/** As addresses name them. */
export const RECORD_KINDS = ['investors', 'creators', 'pitches', 'companies', 'requesters'] as const;
/** One of RECORD_KINDS. */
export type RecordKind = (typeof RECORD_KINDS)[number];

/** What lists and imports have to know of a kind of record. The table is named after it. */
export interface RecordType extends RecordShape {
  /** What people see, for a `select`. */
  columns: string;
  /** Stores a checked record as it is now, whether known already or not. */
  put: (tx: Tx, id: string, record: never) => Promise<unknown>;
  /** Storing one takes locks that many together would take in no order: each has a transaction of its own. */
  isAlone?: true;
}

export const RECORDS: Readonly<Record<RecordKind, RecordType>> = {
  investors: {
    columns: COLUMNS.investors,
    Shape: PutInvestor,
    fields: {
      name: 'text',
      email: 'text',
      accreditationStatus: 'text',
      accreditationVerifiedAt: 'text',
      investmentLimit: 'number',
    },
    put: putInvestor,
  },
  creators: {
    columns: COLUMNS.creators,
    Shape: PutCreator,
    fields: { name: 'text', email: 'text', stripeAccountId: 'text' },
    put: putCreator,
  },
  pitches: {
    columns: COLUMNS.pitches,
    Shape: PutPitch,
    fields: { title: 'text', creatorId: 'text' },
    put: putPitch,
  },
  companies: {
    columns: COLUMNS.companies,
    Shape: PutCompany,
    fields: { name: 'text', email: 'text', verificationStatus: 'text', activeProjectsCount: 'number' },
    put: storeCompany,
    isAlone: true,
  },
  requesters: {
    columns: COLUMNS.requesters,
    Shape: PutRequester,
    fields: {
      name: 'text',
      email: 'text',
      emailVerified: 'boolean',
      accountSince: 'text',
      suspicious: 'boolean',
      trustScore: 'number',
      breaches: 'number',
    },
    put: putRequester,
  },
};
