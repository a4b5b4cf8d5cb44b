/** Long work shows how far it is: on a terminal in one line that is written over, else in a line each few seconds. */
export type Progress = (done: number, of: number, what: string) => void;
type Screen = Readonly<{ error(text: string): void; isTerminal: boolean; nowEpochMs(): number }>;

const TERMINAL_MS = 200;
const LINE_MS = 5_000;

export const progressOn = ({ error, isTerminal, nowEpochMs }: Screen): Readonly<{ show: Progress; clear(): void }> => {
  let shownAt = nowEpochMs();
  let isShown = false;
  const number = (value: number): string => value.toLocaleString('en-GB');
  return {
    show: (done, of, what) => {
      if (nowEpochMs() - shownAt < (isTerminal ? TERMINAL_MS : LINE_MS)) return;
      shownAt = nowEpochMs();
      isShown = true;
      const text = `${number(done)} of ${number(of)} ${what}`;
      error(isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
    },
    clear: () => { if (isShown && isTerminal) error('\r\u001b[K'); },
  };
};
