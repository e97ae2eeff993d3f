import { ApiProperty } from '@nestjs/swagger';

/** The answer to every message that was kept, the first time and every other time (R000-79). */
export class Received {
  @ApiProperty({ enum: [true] })
  received!: true;
}
