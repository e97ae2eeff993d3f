import { Controller, Get, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database } from '../../platform/database.js';
import { OwnOrg } from '../own.org.js';
import { READERS } from '../roles.js';
import { LostReason, LostReasonList } from './catalog.dto.js';

/** Why pursuits are lost. */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...READERS)
@Controller('api/workstream/lost-reasons')
export class LostReasonsController {
  constructor(private readonly database: Database) {}

  /** Every reason that `POST /api/pursuits/:pursuit_id/lost` takes. */
  @Get()
  async list(@CurrentCaller() { tenant }: Caller): Promise<LostReasonList> {
    const data = await this.database.transaction(tenant, (tx) =>
      tx.query<LostReason>('select reason_code, category from workstream.lost_reasons order by reason_code'),
    );
    return { data };
  }
}
