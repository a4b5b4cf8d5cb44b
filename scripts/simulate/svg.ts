/** Small charts as SVG text: axes, bars, lines, points with intervals. Colours are told apart without colour vision (Okabe and Ito); one for each cause of a failure. */
export const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#666666', '#f0e442'] as const;
export const colourOf = (i: number): string => COLOURS[i % COLOURS.length] ?? COLOURS[0];

export type Frame = Readonly<{ width: number; height: number; left: number; top: number; x: (value: number) => number; y: (value: number) => number }>;

const [WIDTH, HEIGHT] = [640, 360] as const;
const MARGIN = { left: 64, right: 20, top: 44, bottom: 52 } as const;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
export const label = (x: number, y: number, text: string, anchor: 'start' | 'middle' | 'end' = 'middle', size = 12): string => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-size="${size}">${escaped(text)}</text>`;
export const line = (x1: number, y1: number, x2: number, y2: number, style: string): string => `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" style="${style}"/>`;
export const rectangle = (x: number, y: number, width: number, height: number, fill: string): string => `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${Math.max(0, width).toFixed(1)}" height="${Math.max(0, height).toFixed(1)}" fill="${fill}"/>`;
export const dot = (x: number, y: number, fill: string): string => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4" fill="${fill}"/>`;
/** A vertical interval with feet. */
export const whisker = (x: number, low: number, high: number): string => [line(x, low, x, high, 'stroke:#222'), line(x - 5, low, x + 5, low, 'stroke:#222'), line(x - 5, high, x + 5, high, 'stroke:#222')].join('');

const STEPS = [1, 2, 2.5, 5, 10] as const;
/** Round marks, about five, from low to high. */
export const ticksOf = (low: number, high: number): readonly number[] => {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((each) => each * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
};

type Axis = Readonly<{ low: number; high: number; label: string; format: (value: number) => string; ticks?: boolean }>;

/** A chart: title, axes, and what `draw` puts between them. */
export const chart = (title: string, xAxis: Axis, yAxis: Axis, draw: (frame: Frame) => string): string => {
  const [width, height] = [WIDTH - MARGIN.left - MARGIN.right, HEIGHT - MARGIN.top - MARGIN.bottom];
  const x = (value: number): number => MARGIN.left + ((value - xAxis.low) / (xAxis.high - xAxis.low)) * width;
  const y = (value: number): number => MARGIN.top + height - ((value - yAxis.low) / (yAxis.high - yAxis.low)) * height;
  const bottom = MARGIN.top + height;
  const yMarks = ticksOf(yAxis.low, yAxis.high).map((value) => `${line(MARGIN.left, y(value), MARGIN.left + width, y(value), 'stroke:#e4e4e4')}${label(MARGIN.left - 8, y(value) + 4, yAxis.format(value), 'end')}`);
  const xMarks = xAxis.ticks === false ? [] : ticksOf(xAxis.low, xAxis.high).map((value) => `${line(x(value), bottom, x(value), bottom + 5, 'stroke:#222')}${label(x(value), bottom + 19, xAxis.format(value))}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" fill="#222">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${label(MARGIN.left, 22, title, 'start', 15)}
${[...yMarks, ...xMarks].join('\n')}
${draw({ width, height, left: MARGIN.left, top: MARGIN.top, x, y })}
${line(MARGIN.left, bottom, MARGIN.left + width, bottom, 'stroke:#222')}
${label(MARGIN.left + width / 2, HEIGHT - 10, xAxis.label)}
<text transform="translate(16 ${(MARGIN.top + height / 2).toFixed(1)}) rotate(-90)" text-anchor="middle" font-size="12">${escaped(yAxis.label)}</text>
</svg>
`;
};
