import { ApiProperty } from '@nestjs/swagger';
import type { Category } from '../../actions/action.js';

const CATEGORIES = ['communication', 'data', 'integration', 'ai', 'utility', 'custom'] as const;

/** What it takes to have an action done. */
export class ActionConfig {
  /** Whether its provider needs a key that the operator has to set. */
  requiresAuth!: boolean;
  supportsRetry!: boolean;
  /** Milliseconds. */
  estimatedDuration!: number;
  /** US dollars that a provider usually charges. */
  costPerExecution!: number;
}

/** An action of the catalogue. */
export class ActionView {
  action_type!: string;
  family!: string;
  title!: string;
  /** What comes out of it: `email`, `task`, `crm`, `report`, `event` or `webhook` (R001-80). */
  kind!: string;
  permission!: string;
  /** The roles that have the permission. */
  @ApiProperty({ type: [String] }) roles!: string[];
  @ApiProperty({ type: 'object', additionalProperties: true }) params!: Record<string, { required: boolean }>;
  /** The same as `action_type` and `title`, under the names that workflows have for them (R002-71). */
  type!: string;
  name!: string;
  description!: string;
  @ApiProperty({ enum: CATEGORIES }) category!: Category;
  /** JSON schema of the parameters, as far as one can say it. */
  @ApiProperty({ type: 'object', additionalProperties: true }) inputSchema!: object;
  @ApiProperty({ type: 'object', additionalProperties: true }) outputSchema!: object;
  config!: ActionConfig;
}

/** Answer of `GET /api/automation/actions`. */
export class ActionList {
  @ApiProperty({ type: () => [ActionView] }) data!: ActionView[];
}
