import { inflateSync } from 'node:zlib';

type Object_ = Readonly<{ head: string; stream: string }>;

const objectsOf = (pdf: Buffer): ReadonlyMap<string, Object_> => {
  const text = pdf.toString('latin1');
  return new Map(Array.from(text.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g), ([, number = '', body = '']) => {
    const [head = '', raw] = body.split('\nstream\n');
    const stream = raw === undefined ? '' : raw.slice(0, raw.lastIndexOf('\nendstream'));
    const bytes = Buffer.from(stream, 'latin1');
    return [number, { head, stream: stream === '' ? '' : (head.includes('FlateDecode') ? inflateSync(bytes) : bytes).toString('latin1') }] as const;
  }));
};

/** Glyph code → letter, from a font's ToUnicode map; a range's letters are listed one by one. */
const lettersOf = (map: string): ReadonlyMap<string, string> => new Map(Array.from(map.matchAll(/<(\w{4})> <\w{4}> \[([^\]]*)\]/g)).flatMap(([, from = '', list = '']) =>
  Array.from(list.matchAll(/<([\w ]+)>/g), ([, hex = ''], i) => [(Number.parseInt(from, 16) + i).toString(16).padStart(4, '0'), Buffer.from(hex.replaceAll(' ', ''), 'hex').swap16().toString('utf16le')] as const)));

const fontsOf = (objects: ReadonlyMap<string, Object_>): ReadonlyMap<string, ReadonlyMap<string, string>> =>
  new Map(Array.from([...objects.values()].map(({ head }) => head).join('\n').matchAll(/\/(F\d+) (\d+) 0 R/g), ([, name = '', number = '']) => {
    const map = /\/ToUnicode (\d+) 0 R/.exec(objects.get(number)?.head ?? '')?.[1] ?? '';
    return [name, lettersOf(objects.get(map)?.stream ?? '')] as const;
  }));

/**
 * Text of each page of a PDF with embedded fonts, in drawing order; each shown string on a line of its own.
 *
 * @throws Error when the file is not one: no header, no end, or a cross-reference table that does not point at its objects
 */
export const pdfPages = (pdf: Buffer): readonly string[] => {
  const text = pdf.toString('latin1');
  if (!text.startsWith('%PDF-') || !text.trimEnd().endsWith('%%EOF')) throw new Error('not a PDF from beginning to end');
  const table = Number(/startxref\n(\d+)\n/.exec(text)?.[1]);
  if (!text.startsWith('xref\n', table)) throw new Error('startxref does not point at the cross-reference table');
  Array.from(text.slice(table).matchAll(/^(\d{10}) \d{5} n/gm)).forEach(([, offset = ''], i) => {
    if (!text.startsWith(`${i + 1} 0 obj`, Number(offset))) throw new Error(`object ${i + 1} is not where the cross-reference table says`);
  });
  const objects = objectsOf(pdf);
  const fonts = fontsOf(objects);
  return [...objects.values()].filter(({ head }) => head.includes('/Type /Page\n')).map(({ head }) => {
    const content = objects.get(/\/Contents (\d+) 0 R/.exec(head)?.[1] ?? '')?.stream ?? '';
    let font: ReadonlyMap<string, string> = new Map();
    return Array.from(content.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)).flatMap(([, name, shown]) => {
      if (name !== undefined) font = fonts.get(name) ?? new Map();
      return shown === undefined ? [] : Array.from(shown.matchAll(/<(\w+)>/g), ([, hex = '']) => (hex.match(/\w{4}/g) ?? []).map((code) => font.get(code) ?? '\uFFFD').join('')).join('');
    }).join('\n');
  });
};
