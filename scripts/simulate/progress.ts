const WIDTH = 30;
const INTERVAL_MS = 200;

/** A bar on a terminal, a line every tenth elsewhere. */
export const createProgress = (label: string, total: number): ((done: number) => void) => {
  const startMs = performance.now();
  let [lastMs, lastTenth] = [0, -1];
  return (done) => {
    const share = total === 0 ? 1 : done / total;
    const now = performance.now();
    const tenth = Math.floor(share * 10);
    if (process.stderr.isTTY) {
      if (done < total && now - lastMs < INTERVAL_MS) return;
      lastMs = now;
      const left = done === 0 ? '' : `, ${Math.ceil(((now - startMs) / 1000) * (1 / share - 1))} s left`;
      process.stderr.write(`\r${label} [${'█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '·')}] ${done} of ${total}${done < total ? left : ''}\u001b[K${done >= total ? '\n' : ''}`);
    } else if (tenth > lastTenth) {
      lastTenth = tenth;
      process.stderr.write(`${label} ${done} of ${total}\n`);
    }
  };
};
