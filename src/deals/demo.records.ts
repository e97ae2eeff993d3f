import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../platform/config.js';
import { Database } from '../platform/database.js';
import { findCreator, findInvestor, findPitch, putCreator, putInvestor, putPitch } from './records.js';

/** The people and the pitch of the documentation's examples, for the sandbox's tenant. What is there already stays. */
@Injectable()
export class DemoRecords implements OnApplicationBootstrap {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
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
      const pitch = { title: 'The Last Reel', creatorId: 'creator_789' };
      if (!(await findPitch(tx, 'pitch_456'))) await putPitch(tx, 'pitch_456', pitch);
    });
  }
}
