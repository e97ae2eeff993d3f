import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../platform/config.js';
import { Database } from '../platform/database.js';
import { Settings } from '../platform/settings.js';
import { DealSettings } from './deals.settings.dto.js';
import { findRequester, putRequester } from './nda/nda.requesters.js';
import { findCompany, putCompany } from './production/companies.js';
import { findCreator, findInvestor, findPitch, putCreator, putInvestor, putPitch } from './records.js';

/** The people and the pitch of the documentation's examples, and no hurry, for the sandbox's tenant. What is there already stays. */
@Injectable()
export class DemoRecords implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly settings: Settings,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.mode !== 'sandbox') return;
    await this.database.transaction(this.config.bootstrapTenant, async (tx) => {
      const investor = {
        name: 'Ines Vestor',
        email: 'ines@example.com',
        accreditationStatus: 'verified',
        investmentLimit: null,
      };
      if (!(await findInvestor(tx, 'inv_123'))) await putInvestor(tx, 'inv_123', investor);
      const creator = { name: 'Cleo Ator', email: 'cleo@example.com', stripeAccountId: 'acct_creator_789' };
      if (!(await findCreator(tx, 'creator_789'))) await putCreator(tx, 'creator_789', creator);
      const requester = {
        name: investor.name,
        email: investor.email,
        emailVerified: true,
        accountSince: '2024-01-15',
        suspicious: false,
        trustScore: null,
        breaches: 0,
      };
      if (!(await findRequester(tx, 'inv_123'))) await putRequester(tx, 'inv_123', requester);
      const company = {
        name: 'Aurora Films',
        email: 'aurora@example.com',
        verificationStatus: 'verified',
        activeProjectsCount: 1,
      };
      if (!(await findCompany(tx, 'company_123'))) await putCompany(tx, 'company_123', company);
      const pitch = { title: 'The Last Reel', creatorId: 'creator_789' };
      if (!(await findPitch(tx, 'pitch_456'))) await putPitch(tx, 'pitch_456', pitch);
      // Where days pass in a second, and one person plays everybody, so many in a minute mean nothing (R000-99).
      const unlimited = { creationsPerMinute: 0, transitionsPerMinute: 0 };
      if (!(await this.settings.isSet(tx, 'deals')))
        await this.settings.write(tx, 'deals', DealSettings, unlimited, 'system:demo');
    });
  }
}
