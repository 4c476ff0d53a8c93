// The eight masks of QR codes, and how hard a code is to read (ISO/IEC 18004, 7.8). Pure.

type Modules = readonly (readonly boolean[])[];

export const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

const RUN_MIN = 5;
const LIKE_FINDER = [/10111010000/g, /00001011101/g] as const;

function linePenalty(line: string): number {
  const runs = [...line.matchAll(/0+|1+/g)].map((run) => run[0].length).filter((length) => length >= RUN_MIN);
  const finders = LIKE_FINDER.reduce((count, pattern) => count + [...line.matchAll(pattern)].length, 0);
  return runs.reduce((sum, length) => sum + length - 2, 0) + 40 * finders;
}

function squares(modules: Modules): number {
  let count = 0;
  for (let y = 0; y + 1 < modules.length; y += 1) {
    for (let x = 0; x + 1 < modules.length; x += 1) {
      const dark = modules[y]?.[x];
      if (dark === modules[y]?.[x + 1] && dark === modules[y + 1]?.[x] && dark === modules[y + 1]?.[x + 1]) count += 1;
    }
  }
  return count;
}

/** The less, the better a camera reads it. */
export function penalty(modules: Modules): number {
  const text = (line: readonly boolean[]): string => line.map((dark) => (dark ? '1' : '0')).join('');
  const rows = modules.map(text);
  const columns = modules.map((_, x) => text(modules.map((row) => row[x] ?? false)));
  const dark = rows.join('').split('1').length - 1;
  const share = (100 * dark) / (modules.length * modules.length);
  const lines = [...rows, ...columns].reduce((sum, line) => sum + linePenalty(line), 0);
  return lines + 3 * squares(modules) + 10 * Math.floor(Math.abs(share - 50) / 5);
}
