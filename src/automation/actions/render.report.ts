import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { IsString, MaxLength, MinLength } from 'class-validator';
import type { Action } from '../../actions/action.js';
import { DocumentStore } from '../../integrations/storage/document.store.js';
import { inLine, toPdf } from '../../platform/document.pdf.js';

/** Parameters of `docs.render_template`. */
export class RenderTemplateParams {
  @IsString() @MinLength(1) @MaxLength(200) title!: string;
  /** Lines: `## ` is a heading, an empty one a gap, anything else a paragraph. Holes are filled before. */
  @IsString() @MinLength(1) @MaxLength(20_000) body!: string;
}

/** Draws a report up and keeps it: `GET /api/automation/jobs/:job_id/document`. */
@Injectable()
export class RenderReport {
  constructor(private readonly documents: DocumentStore) {}

  readonly action: Action<RenderTemplateParams> = {
    type: 'docs.render_template',
    title: 'Draw up a document',
    kind: 'report',
    permission: 'docs.write',
    Params: RenderTemplateParams,
    run: async ({ title, body }, { key, tenant, since }) => {
      const document = `automation/${createHash('sha256').update(key).digest('hex').slice(0, 32)}.pdf`;
      let bytes: Buffer;
      try {
        bytes = await toPdf(linesOf(title, body), { title: inLine(title), key: document, at: since });
      } catch (error) {
        return { kind: 'failed', code: 'WF009', reason: error instanceof Error ? error.message : String(error) };
      }
      await this.documents.put(tenant, document, bytes, 'application/pdf');
      return { kind: 'done', output: { document } };
    },
  };
}

/** What filled the holes cannot lay out anything: of the marks only headings are the writer's. */
function linesOf(title: string, body: string): string {
  const lines = body.split('\n').map((line) => {
    const heading = /^## (.*)$/.exec(line)?.[1];
    return heading === undefined ? inLine(line).replace(/^[#~]+ /, '') : `## ${inLine(heading)}`;
  });
  return [`# ${inLine(title)}`, ...lines].join('\n');
}
