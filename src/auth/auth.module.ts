import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Access } from './access.js';
import { AccessController } from './access.controller.js';
import { AuthGuard } from './auth.guard.js';
import { Bootstrap } from './bootstrap.js';
import { Credentials } from './credentials.js';
import { MeController } from './me.controller.js';
import { Tokens } from './tokens.js';

/** Who is asking, and what they may do. The guard stands before every route of the application. */
@Module({
  controllers: [AccessController, MeController],
  providers: [Access, Bootstrap, Credentials, Tokens, { provide: APP_GUARD, useClass: AuthGuard }],
})
export class AuthModule {}
