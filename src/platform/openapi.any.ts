import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** A property of any JSON value: an object, a list, a text, a number, a truth, or null. The document says so by a schema that refuses nothing. */
export const AnyValue = (): PropertyDecorator => ApiProperty({ anyOf: [{}] });

/** The same where it may be absent. */
export const AnyValueOrNone = (): PropertyDecorator => ApiPropertyOptional({ anyOf: [{}] });

/** A property of texts by name: parties, business keys. */
export const Texts = (): PropertyDecorator => ApiProperty({ type: 'object', additionalProperties: { type: 'string' } });
