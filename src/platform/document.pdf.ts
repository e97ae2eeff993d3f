/** Words on paper. The same words and the same day give the same bytes, so that a retry draws up the same document. */
import { createRequire } from 'node:module';
import type PDFDocument from 'pdfkit';

/** What is known about a document besides its words. */
export interface Imprint {
  title: string;
  /** Names the document in the foot of every page. */
  key: string;
  /** When it was drawn up, milliseconds. */
  at: number;
}

const fontFile = (name: string): string => createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`);
const REGULAR = fontFile('DejaVuSans');
const BOLD = fontFile('DejaVuSans-Bold');

/** Points. */
const MARGIN = 64;
const LABEL_WIDTH = 160;
const SIZE = { title: 20, heading: 12, text: 10, foot: 7.5 };
const INK = '#1a1a1a';
const GREY = '#6b6b6b';

/**
 * Sets lines as an A4 document: `# ` a title, `## ` a heading, `label<TAB>value` a row, `~ ` a place to sign, an empty line a gap,
 * anything else a paragraph. @throws Error rather than print boxes where a name should be
 */
export async function toPdf(text: string, { title, key, at }: Imprint): Promise<Buffer> {
  const strange = UNPRINTABLE.exec(text)?.[0];
  if (strange !== undefined) throw new Error(`no font of ours has "${strange}"`);
  // Loaded with the first document: fonts and compression are three megabytes of program.
  const { default: Document } = await import('pdfkit');
  const pdf = new Document({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    lang: 'en',
    info: { Title: title, Producer: 'Statewright', Creator: 'Statewright', CreationDate: new Date(at) },
  });
  const bytes = collect(pdf);
  pdf.registerFont('regular', REGULAR).registerFont('bold', BOLD).fillColor(INK);
  for (const line of text.trim().split('\n')) set(pdf, line);
  foot(pdf, key);
  pdf.end();
  return bytes;
}

/** What people have typed, without breaks and tabs, which are the layout's; and without pictures, which no font of ours has. */
export const inLine = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/[\p{Emoji_Presentation}\u200d\ufe0f]/gu, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();

/** Latin, Greek and Cyrillic letters, accents, digits, punctuation and currency signs are what the font is known to have. */
const UNPRINTABLE =
  /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Inherited}\n\t\u0020-\u00bf×÷\u2010-\u2027\u2030-\u203a\u20a0-\u20bf™]/u;

type Pdf = InstanceType<typeof PDFDocument>;

function set(pdf: Pdf, line: string): void {
  const [mark = '', rest = ''] = /^(#{1,2} |~ )?(.*)$/s.exec(line)?.slice(1) ?? [];
  switch (mark) {
    case '# ':
      pdf.font('bold').fontSize(SIZE.title).text(rest).moveDown(0.6);
      return;
    case '## ':
      pdf.font('bold').fontSize(SIZE.heading).text(rest).moveDown(0.3);
      return;
    case '~ ':
      return signature(pdf, rest);
    default:
      if (rest === '') pdf.moveDown(0.8);
      else if (rest.includes('\t')) row(pdf, rest);
      else pdf.font('regular').fontSize(SIZE.text).text(rest, { lineGap: 2 }).moveDown(0.3);
  }
}

function row(pdf: Pdf, line: string): void {
  const [label = '', value = ''] = line.split('\t');
  pdf.fontSize(SIZE.text);
  const width = pdf.page.width - 2 * MARGIN - LABEL_WIDTH;
  const height = Math.max(
    pdf.font('regular').heightOfString(label, { width: LABEL_WIDTH }),
    pdf.font('bold').heightOfString(value, { width }),
  );
  // A row that does not fit begins the next page; its two cells must not be torn apart.
  if (pdf.y + height > pdf.page.height - MARGIN) pdf.addPage();
  const { y } = pdf;
  pdf.font('regular').fillColor(GREY).text(label, MARGIN, y, { width: LABEL_WIDTH });
  pdf
    .font('bold')
    .fillColor(INK)
    .text(value, MARGIN + LABEL_WIDTH, y, { width });
  pdf.x = MARGIN;
  pdf.y = y + height + 3;
}

function signature(pdf: Pdf, name: string): void {
  const height = 56;
  if (pdf.y + height > pdf.page.height - MARGIN) pdf.addPage();
  const line = pdf.y + 32;
  pdf
    .moveTo(MARGIN, line)
    .lineTo(MARGIN + 240, line)
    .lineWidth(0.5)
    .strokeColor(GREY)
    .stroke();
  pdf
    .font('regular')
    .fontSize(SIZE.text)
    .text(name, MARGIN, line + 4);
  pdf.y = line + 24;
}

/** Once all pages are there, so that each can say how many there are. */
function foot(pdf: Pdf, key: string): void {
  const { count } = pdf.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    pdf.switchToPage(page);
    // Below the margin, where text would otherwise begin a new page.
    pdf.page.margins.bottom = 0;
    pdf
      .font('regular')
      .fontSize(SIZE.foot)
      .fillColor(GREY)
      .text(`${key} · page ${page + 1} of ${count}`, MARGIN, pdf.page.height - MARGIN / 2, { lineBreak: false });
  }
}

async function collect(pdf: Pdf): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of pdf) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
