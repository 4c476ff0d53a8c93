// What every chart has: the axis with its unit, and a pattern for what was not measured.

export const HEIGHT = 220;
export const TOP = 12;
export const BOTTOM = 24;
export const LEFT = 48;
export const RIGHT = 8;

export const yOf = (value: number, [low, high]: readonly [number, number]): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low || 1));

/** Diagonal lines: nothing was measured here. */
export function GapPattern({ id }: { id: string }) {
  return (
    <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect class="chart-gap-ground" width="6" height="6" />
      <line class="chart-gap-line" x1="0" y1="0" x2="0" y2="6" />
    </pattern>
  );
}

export function ValueAxis({ width, rows, write }: { width: number; rows: readonly number[]; write: (value: number) => string }) {
  const ends = [rows[0] ?? 0, rows.at(-1) ?? 1] as const;
  return (
    <g class="chart-axis">
      {rows.map((value) => (
        <g key={value}>
          <line x1={LEFT} x2={width - RIGHT} y1={yOf(value, ends)} y2={yOf(value, ends)} />
          <text x={LEFT - 6} y={yOf(value, ends)} text-anchor="end" dominant-baseline="middle">
            {write(value)}
          </text>
        </g>
      ))}
    </g>
  );
}
