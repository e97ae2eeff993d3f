import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ActionRegistry } from '../actions/action.registry.js';
import { Secrets } from './secrets.js';

/** The built-in action `get_secret` (R004-49). */
@Injectable()
export class SecretActions implements OnModuleInit {
  constructor(
    private readonly registry: ActionRegistry,
    private readonly secrets: Secrets,
  ) {}

  onModuleInit(): void {
    this.registry.registerDatabaseAction(
      'get_secret',
      'A reference to a secret of the tenant: it stands for the secret in secret parameters of actions of this run',
      [{ name: 'name', type: 'string', required: true }],
      'READ COMMITTED',
      async ({ name }, { transaction, executionId }) => ({
        success: true,
        secret: await this.secrets.reference(transaction, executionId, String(name)),
      }),
    );
  }
}
