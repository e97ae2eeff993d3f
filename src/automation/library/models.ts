import { ApiProperty } from '@nestjs/swagger';
import { Injectable } from '@nestjs/common';
import { Ajv } from 'ajv';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsDefined,
  IsInt,
  IsNumber,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import type { Action, ActionRun } from '../../actions/action.js';
import type { Json } from '../../engine/core/driver.js';
import type { EffectResult } from '../../engine/host.js';
import { ModelClient } from '../../integrations/model/model.client.js';
import { MayBeAbsent } from '../../platform/validation.js';
import { aboutOf } from './about.js';

const COOL = 0.3;
const MOST_TOKENS = 1_024;

/** Parameters of `ai_text_generation`. */
export class GenerateTextParams {
  /** A text, or data that is asked about as JSON. */
  @ApiProperty({}) @IsDefined() prompt!: Json;
  /** What the model is told before. */
  @MayBeAbsent() @IsString() @MaxLength(20_000) system?: string;
  @MayBeAbsent() @IsString() @MinLength(1) @MaxLength(100) model?: string;
  @MayBeAbsent() @IsNumber() @Min(0) @Max(2) temperature?: number;
  @MayBeAbsent() @IsInt() @Min(1) @Max(8_192) maxTokens?: number;
}

/** Parameters of `ai_sentiment_analysis`. */
export class SentimentParams {
  @IsString() @MinLength(1) @MaxLength(20_000) text!: string;
}

/** Parameters of `ai_named_entity_recognition`. */
export class EntitiesParams extends SentimentParams {
  @MayBeAbsent() @IsArray() @ArrayMinSize(1) @ArrayMaxSize(20) @IsString({ each: true }) entityTypes?: string[];
}

/** Parameters of `classify_text`. */
export class ClassifyParams extends SentimentParams {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  categories!: string[];
}

const share = { type: 'number', minimum: 0, maximum: 1 } as const;
const object = (properties: object) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/** Questions to a language model (R002-68). */
@Injectable()
export class ModelActions {
  constructor(private readonly model: ModelClient) {}

  readonly generate: Action<GenerateTextParams> = {
    ...common('ai_text_generation', 'Have a model write something', GenerateTextParams),
    run: async ({ prompt, system, model, temperature = 0.7, maxTokens = 256 }, run) => {
      const user = typeof prompt === 'string' ? prompt : JSON.stringify(prompt);
      const outcome = await this.model.ask({ model, system, user, temperature, maxTokens }, run);
      return outcome.kind === 'done' ? { ...outcome, output: { text: outcome.output } } : outcome;
    },
  };

  readonly sentiment: Action<SentimentParams> = {
    ...common('ai_sentiment_analysis', 'Say how a text feels', SentimentParams),
    run: ({ text }, run) => {
      const schema = object({
        sentiment: { enum: ['positive', 'negative', 'neutral'] },
        score: share,
        confidence: share,
      });
      return this.judge(
        'sentiment',
        'Say how the text feels: its sentiment, a score from 0 (bad) to 1 (good).',
        text,
        schema,
        run,
      );
    },
  };

  readonly entities: Action<EntitiesParams> = {
    ...common('ai_named_entity_recognition', 'Find who and what a text names', EntitiesParams),
    run: async ({ text, entityTypes = ['person', 'organization', 'location', 'date'] }, run) => {
      const entity = object({ type: { enum: entityTypes }, value: { type: 'string' }, confidence: share });
      const schema = object({ entities: { type: 'array', items: entity } });
      const system = `Find in the text everything of these kinds: ${entityTypes.join(', ')}.`;
      const outcome = await this.judge('entities', system, text, schema, run);
      if (outcome.kind !== 'done') return outcome;
      return { ...outcome, output: (outcome.output as { entities: Json }).entities };
    },
  };

  readonly classify: Action<ClassifyParams> = {
    ...common('classify_text', 'Put a text into a category', ClassifyParams),
    run: ({ text, categories }, run) => {
      const schema = object({ category: { enum: categories }, confidence: share });
      return this.judge('category', `Which category is the text of: ${categories.join(', ')}?`, text, schema, run);
    },
  };

  /** An answer of the shape that was asked for; any other is asked for again. */
  private async judge(
    name: string,
    system: string,
    user: string,
    schema: object,
    run: ActionRun,
  ): Promise<EffectResult> {
    const question = { system, user, temperature: COOL, maxTokens: MOST_TOKENS, shape: { name, schema } };
    const outcome = await this.model.ask(question, run);
    if (outcome.kind !== 'done') return outcome;
    const answer = parsed(outcome.output);
    if (answer === undefined || !new Ajv().validate(schema, answer))
      return {
        kind: 'retry',
        reason: 'the model did not answer in the shape that was asked for',
        receipt: outcome.receipt,
      };
    return { ...outcome, output: answer };
  }
}

const common = <Params extends object>(type: string, title: string, Params: new () => Params) => ({
  type,
  title,
  kind: 'data' as const,
  permission: 'automation.write' as const,
  Params,
  about: aboutOf(type),
});

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
