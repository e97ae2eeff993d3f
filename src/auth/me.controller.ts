import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, type Caller } from './caller.js';
import { Me } from './me.dto.js';

@ApiTags('access')
@Controller('api/me')
export class MeController {
  /** Who the credential of this request belongs to. */
  @Get()
  read(@CurrentCaller() { tenant, userId, roles }: Caller): Me {
    return { tenant, userId, roles: [...roles] };
  }
}
