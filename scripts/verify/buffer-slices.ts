declare global {
  /** What `toString('latin1')` and `write(…, 'latin1')` end in, without the way there: these run many times for each entry. In every Node since 0.11. */
  interface Buffer {
    latin1Slice(start: number, end: number): string;
    latin1Write(text: string, start: number): number;
  }
}

export {};
