import { ApiProperty } from '@nestjs/swagger';

/** That the service is there, and which one it is. */
export class HealthAnswer {
  @ApiProperty({ enum: ['healthy'] }) status!: 'healthy';
  timestamp!: string;
  version!: string;
  /** `sandbox` or `production`. */
  environment!: string;
}
