import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from './caller.js';

/** Who the credential says is asking. */
export class Me {
  tenant!: string;
  userId!: string;
  roles!: string[];
}

@ApiTags('access')
@Controller('api/me')
export class MeController {
  /** Who the credential of this request belongs to. */
  @Get()
  read(@CurrentCaller() { tenant, userId, roles }: Caller): Me {
    return { tenant, userId, roles: [...roles] };
  }
}
