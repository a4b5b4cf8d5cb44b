import PDFDocument from 'pdfkit';
import { PAGE, type Block, type Column } from './blocks.ts';

type Pdf = InstanceType<typeof PDFDocument>;
export type Fonts = Readonly<{ regular: Buffer; bold: Buffer }>;

const TEXT_WIDTH = PAGE.width - 2 * PAGE.margin;
const BOTTOM = PAGE.height - PAGE.margin - 18;
const INK = '#1b2a3a';
const FAINT = '#5c6b7a';
const RULE = '#c9d2da';
const TINT = '#fdf3d8';
const BAR = '#b7791f';
const CELL_GAP = 6;

/** The built-in Helvetica is a file the bundle does not carry, and has no letters beyond western Europe's. The types do not know null; the library does. */
const NO_DEFAULT_FONT = { font: null as unknown as string };

const makeRoom = (pdf: Pdf, heightPoints: number): void => {
  if (pdf.y + heightPoints > BOTTOM) pdf.addPage();
};

const drawRule = (pdf: Pdf): void => {
  pdf.moveTo(PAGE.margin, pdf.y).lineTo(PAGE.width - PAGE.margin, pdf.y).lineWidth(0.5).strokeColor(RULE).stroke();
};

const rowHeight = (pdf: Pdf, columns: readonly Column[], cells: readonly string[]): number =>
  Math.max(...columns.map(({ width }, i) => pdf.heightOfString(cells[i] ?? '', { width: width - CELL_GAP }))) + CELL_GAP;

/** A bar before the row and a tint behind it. */
const drawMark = (pdf: Pdf, heightPoints: number): void => {
  pdf.rect(PAGE.margin - 6, pdf.y, TEXT_WIDTH + 6, heightPoints).fill(TINT);
  pdf.rect(PAGE.margin - 6, pdf.y, 2.5, heightPoints).fill(BAR);
};

type RowStyle = 'regular' | 'bold' | 'marked';

/** A table that goes on over the page has its titles there again. */
const makeRoomForRow = (pdf: Pdf, columns: readonly Column[], heightPoints: number, isTitle: boolean): void => {
  if (pdf.y + heightPoints <= BOTTOM) return;
  pdf.addPage();
  if (!isTitle) drawTitles(pdf, columns);
};

const drawRow = (pdf: Pdf, columns: readonly Column[], cells: readonly string[], style: RowStyle): void => {
  const font = style === 'bold' ? 'bold' : 'regular';
  const height = rowHeight(pdf.font(font, 8.5), columns, cells);
  makeRoomForRow(pdf, columns, height, style === 'bold');
  pdf.font(font, 8.5);
  if (style === 'marked') drawMark(pdf, height);
  pdf.fillColor(style === 'bold' ? FAINT : INK);
  const top = pdf.y;
  columns.reduce<number>((left, { width }, i) => {
    pdf.text(cells[i] ?? '', left, top + CELL_GAP / 2, { width: width - CELL_GAP });
    return left + width;
  }, PAGE.margin);
  pdf.x = PAGE.margin;
  pdf.y = top + height;
  drawRule(pdf);
};

const drawTitles = (pdf: Pdf, columns: readonly Column[]): void => {
  if (columns.some(({ title }) => title !== '')) drawRow(pdf, columns, columns.map(({ title }) => title), 'bold');
};

const drawTable = (pdf: Pdf, { columns, rows, empty, marked }: Extract<Block, { type: 'table' }>): void => {
  if (rows.length === 0) {
    pdf.font('regular').fontSize(9).fillColor(FAINT).text(empty);
    return;
  }
  drawTitles(pdf, columns);
  for (const [i, row] of rows.entries()) drawRow(pdf, columns, row, marked?.has(i) === true ? 'marked' : 'regular');
};

const drawFacts = (pdf: Pdf, rows: readonly (readonly [string, string])[]): void => {
  const columns: readonly Column[] = [{ title: '', width: 130 }, { title: '', width: TEXT_WIDTH - 130 }];
  for (const row of rows) drawRow(pdf, columns, row, 'regular');
};

const drawBlock = (pdf: Pdf, block: Block): void => {
  switch (block.type) {
    case 'title':
      pdf.font('bold').fontSize(20).fillColor(INK).text(block.text);
      pdf.font('regular').fontSize(10).fillColor(FAINT).text(block.subtitle).moveDown(0.8);
      return;
    case 'heading':
      makeRoom(pdf, 60);
      pdf.moveDown(1.1).font('bold').fontSize(11.5).fillColor(INK).text(block.text).moveDown(0.3);
      return;
    case 'facts':
      drawFacts(pdf, block.rows);
      return;
    case 'table':
      drawTable(pdf, block);
      return;
    case 'paragraph':
      pdf.font('regular').fontSize(9.5).fillColor(INK).text(block.text, { width: TEXT_WIDTH }).moveDown(0.6);
      return;
    case 'fine':
      pdf.moveDown(1).font('regular').fontSize(7).fillColor(FAINT).text(block.text, { width: TEXT_WIDTH });
      return;
    default:
      block satisfies never;
  }
};

const numberPages = (pdf: Pdf, footer: string): void => {
  const { start, count } = pdf.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    pdf.switchToPage(page);
    pdf.page.margins.bottom = 0;
    pdf.font('regular').fontSize(7.5).fillColor(FAINT)
      .text(`${footer} · page ${page - start + 1} of ${count}`, PAGE.margin, PAGE.height - PAGE.margin + 4, { width: TEXT_WIDTH, lineBreak: false });
  }
};

/**
 * Draw blocks as a PDF. The same blocks, footer and date give the same bytes.
 *
 * @param date of the certificate; it becomes the document's creation date, so no clock is read
 */
export const drawPdf = async (blocks: readonly Block[], footer: string, date: Date, fonts: Fonts): Promise<Buffer> => {
  const pdf = new PDFDocument({ size: [PAGE.width, PAGE.height], margin: PAGE.margin, bufferPages: true, ...NO_DEFAULT_FONT, info: { Title: footer, CreationDate: date, ModDate: date, Producer: 'Bedside', Creator: 'Bedside' } });
  const parts: Buffer[] = [];
  const finished = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (part: Buffer) => parts.push(part));
    pdf.on('end', () => { resolve(Buffer.concat(parts)); });
    pdf.on('error', reject);
  });
  pdf.registerFont('regular', fonts.regular).registerFont('bold', fonts.bold);
  for (const block of blocks) drawBlock(pdf, block);
  numberPages(pdf, footer);
  pdf.end();
  return finished;
};
