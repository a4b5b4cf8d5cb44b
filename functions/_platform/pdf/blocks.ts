/** Millimetre-free: PDF points, A4 portrait. */
export const PAGE = { width: 595.28, height: 841.89, margin: 48 } as const;

export type Column = Readonly<{ title: string; width: number }>;
export type Block =
  | Readonly<{ type: 'title'; text: string; subtitle: string }>
  | Readonly<{ type: 'heading'; text: string }>
  | Readonly<{ type: 'facts'; rows: readonly (readonly [label: string, value: string])[] }>
  | Readonly<{ type: 'table'; columns: readonly Column[]; rows: readonly (readonly string[])[]; empty: string; /** Rows that tell of a change: drawn with a bar and a tint beside what they say. */ marked?: ReadonlySet<number> }>
  | Readonly<{ type: 'paragraph'; text: string }>
  | Readonly<{ type: 'fine'; text: string }>;
