import { Module } from '@nestjs/common';
import { Actions } from './actions.js';

/** The catalogue of what rules can have done. */
@Module({ providers: [Actions], exports: [Actions] })
export class ActionsModule {}
