import { Body, Controller, Delete, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../auth/auth.guard.js';
import { CurrentCaller, type Caller } from '../../auth/caller.js';
import { Database, type Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { ApiProblems } from '../../platform/openapi.problems.js';
import { ITEMS, type ItemType } from '../items.kinds.js';
import { OwnOrg } from '../own.org.js';
import { READERS, WRITERS } from '../roles.js';
import { found } from '../rows.js';
import { Deleted, idIn } from '../workstream.dto.js';
import { WorkLink, WorkLinkList, WorkLinkView } from './links.dto.js';

const TYPES = Object.keys(ITEMS) as ItemType[];
const COLUMNS = 'item_type, item_id, link_type, target_type, target_ref, created_at, created_by';

/** Conversations and documents that belong to items (R001-11). */
@ApiTags('workstream')
@UseGuards(OwnOrg)
@Roles(...WRITERS)
@Controller('api/workstream/links/:item_type/:item_id')
@ApiParam({ name: 'item_type', enum: TYPES })
export class LinksController {
  constructor(private readonly database: Database) {}

  /** The links of an item, oldest first. */
  @Get()
  @Roles(...READERS)
  @ApiProblems('NOT_FOUND')
  async list(
    @CurrentCaller() caller: Caller,
    @Param('item_type') type: string,
    @Param('item_id') id: string,
  ): Promise<WorkLinkList> {
    return this.about(caller, type, id, async (tx, item) => ({
      data: await tx.query<WorkLinkView>(
        `select ${COLUMNS} from workstream.work_item_links where tenant = engine.tenant() and item_type = $1 and item_id = $2
          order by created_at, target_ref`,
        item,
      ),
    }));
  }

  /** Adds a link; the same link twice is one. */
  @Post()
  @HttpCode(200)
  @ApiProblems('NOT_FOUND')
  add(
    @CurrentCaller() caller: Caller,
    @Param('item_type') type: string,
    @Param('item_id') id: string,
    @Body() { link_type, target_type, target_ref }: WorkLink,
  ): Promise<WorkLinkView> {
    return this.about(caller, type, id, async (tx, item) => {
      const key = [...item, link_type, target_type, target_ref];
      await tx.run(
        `insert into workstream.work_item_links (tenant, item_type, item_id, link_type, target_type, target_ref, created_at, created_by)
         values (engine.tenant(), $1, $2, $3, $4, $5, engine.now(), $6) on conflict do nothing`,
        [...key, caller.userId],
      );
      return found(
        await tx.one<WorkLinkView>(
          `select ${COLUMNS} from workstream.work_item_links
            where tenant = engine.tenant() and item_type = $1 and item_id = $2 and link_type = $3 and target_type = $4 and target_ref = $5`,
          key,
        ),
      );
    });
  }

  /** Takes a link away. */
  @Delete()
  @ApiProblems('NOT_FOUND')
  remove(
    @CurrentCaller() caller: Caller,
    @Param('item_type') type: string,
    @Param('item_id') id: string,
    @Body() { link_type, target_type, target_ref }: WorkLink,
  ): Promise<Deleted> {
    return this.about(caller, type, id, async (tx, item) => {
      const gone = await tx.run(
        `delete from workstream.work_item_links
          where tenant = engine.tenant() and item_type = $1 and item_id = $2 and link_type = $3 and target_type = $4 and target_ref = $5`,
        [...item, link_type, target_type, target_ref],
      );
      if (gone === 0) throw refuse('NOT_FOUND');
      return { deleted: 1 };
    });
  }

  private about<T>(
    { tenant }: Caller,
    given: string,
    text: string,
    work: (tx: Tx, item: [ItemType, number]) => Promise<T>,
  ): Promise<T> {
    const type = TYPES.find((known) => known === given);
    if (!type)
      throw refuse('WF006', { errors: [{ field: 'item_type', message: `must be one of: ${TYPES.join(', ')}` }] });
    const itemId = idIn('item_id', text);
    return this.database.transaction(tenant, async (tx) => {
      const { table, id } = ITEMS[type];
      found(
        await tx.one(`select 1 from ${table} where tenant = engine.tenant() and ${id} = $1 for key share`, [itemId]),
      );
      return work(tx, [type, itemId]);
    });
  }
}
