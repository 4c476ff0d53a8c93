// A line over time. Where nothing was measured there is no line but a hatched stretch.

import { useId, useState } from 'preact/hooks';

import { BOTTOM, GapPattern, HEIGHT, LEFT, RIGHT, TOP, ValueAxis, yOf } from './frame.tsx';
import { holes, reach, runs, ticks, type Point } from './scale.ts';
import { useWidth } from './use-width.ts';

interface Properties {
  points: readonly Point[];
  from: number;
  to: number;
  unit: string;
  write: (value: number) => string;
  /** A point in words, for the readout. */
  tell: (point: Point) => string;
  marks: readonly { at: number; label: string }[];
  label: string;
  hint: string;
}

const TICKS = 4;

export function LineChart({ points, from, to, unit, write, tell, marks, label, hint }: Properties) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [chosen, setChosen] = useState<Point | null>(null);
  const id = useId();
  const found = runs(points);
  const values = found.flat().map((point) => point.value);
  const rows = values.length > 0 ? ticks(Math.min(...values), Math.max(...values), TICKS) : [0, 1];
  const ends = [rows[0] ?? 0, rows.at(-1) ?? 1] as const;
  const inner = Math.max(1, width - LEFT - RIGHT);
  const xOf = (at: number): number => LEFT + (inner * (at - from)) / (to - from);
  const point = (event: PointerEvent): void => {
    const at = from + ((event.offsetX - LEFT) / inner) * (to - from);
    const nearest = points.reduce<Point | null>((best, one) => (best === null || Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best), null);
    setChosen(nearest);
  };
  return (
    <div class="chart" ref={box} dir="ltr">
      <p class="chart-unit muted small">{unit}</p>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={label} data-testid="line-chart" onPointerMove={point} onPointerLeave={() => setChosen(null)}>
          <defs>
            <GapPattern id={id} />
          </defs>
          {holes(found, from, to, reach(points)).map((hole) => <rect key={hole.from} data-testid="chart-gap" x={xOf(hole.from)} y={TOP} width={xOf(hole.to) - xOf(hole.from)} height={HEIGHT - TOP - BOTTOM} fill={`url(#${id})`} />)}
          <ValueAxis width={width} rows={rows} write={write} />
          {found.map((run) => (
            <path key={run[0]?.at} class="chart-line" d={run.map((one, index) => `${index === 0 ? 'M' : 'L'}${xOf(one.at).toFixed(1)} ${yOf(one.value, ends).toFixed(1)}`).join('') + (run.length === 1 ? 'h1' : '')} />
          ))}
          {chosen && chosen.value !== null && <circle class="chart-dot" cx={xOf(chosen.at)} cy={yOf(chosen.value, ends)} r={4} />}
          <g class="chart-axis">
            {marks.map((mark) => (
              <text key={mark.at} x={xOf(mark.at)} y={HEIGHT - 6} text-anchor="middle">
                {mark.label}
              </text>
            ))}
          </g>
        </svg>
      )}
      <p class="chart-readout small tabular" aria-hidden="true" dir="auto">
        {chosen ? tell(chosen) : hint}
      </p>
    </div>
  );
}
