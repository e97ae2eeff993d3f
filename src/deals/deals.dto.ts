import { IsObject, IsString, MaxLength } from 'class-validator';
import type { InstanceStatus } from '../engine/store/instances.js';
import { MayBeAbsent } from '../platform/validation.js';

/** Answer of everything that starts or moves a deal (R000-13, R000-19). */
export class DealAck {
  success!: true;
  message!: string;
  instanceId!: string;
  /** Of the history row; a later read shows at least this revision. */
  seq!: number;
  revision!: number;
  state!: string;
  phase!: string | null;
  status!: InstanceStatus;
  allowedEvents!: string[];
}

/** Answer of a create call (R000-13). */
export class StartedDeal extends DealAck {
  estimatedProcessingTime!: string;
}

/** Body of `POST /api/workflows/:type/:id/event` (R000-19). */
export class DealEvent {
  /** Event type, exactly as the lifecycle names it. */
  @IsString({ message: 'Event type is required' }) @MaxLength(100) type!: string;
  @MayBeAbsent() @IsObject() payload?: Record<string, unknown>;
}

/** Where a deal stands (R000-18). */
export class DealStatus {
  instanceId!: string;
  status!: 'running' | 'completed' | 'failed';
  output!: { currentState: string; lastUpdated: string; data: object };
  /** Why it failed, or null. */
  error!: { code: string; message: string } | null;
}
