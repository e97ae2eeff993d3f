import { ApiProperty } from '@nestjs/swagger';

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
}

/** Answer of `GET /api/automation/actions`. */
export class ActionList {
  @ApiProperty({ type: () => [ActionView] }) data!: ActionView[];
}
