import { IsString, MaxLength, MinLength } from 'class-validator';

/** What a secret can be called. */
export const SECRET_NAME = /^[A-Za-z][\w.-]{0,99}$/;

/** A secret to be kept; it is not shown again. */
export class SaveSecret {
  @IsString() @MinLength(1) @MaxLength(8_192) value!: string;
}
/** A secret as it may be seen. */
export class SecretView {
  name!: string;
  updated_by!: string;
  created_at!: Date;
  updated_at!: Date;
}
export class SecretPage {
  data!: SecretView[];
  nextCursor!: string | null;
}
