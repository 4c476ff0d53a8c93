// Stacked bars over time. What was not measured is hatched, and a bar that misses a part says so.

import { useId, useState } from 'preact/hooks';

import { BOTTOM, GapPattern, HEIGHT, LEFT, RIGHT, TOP, ValueAxis, yOf } from './frame.tsx';
import { ticks } from './scale.ts';
import { useWidth } from './use-width.ts';

export interface Bar {
  /** Under the axis; empty where there is no room for it. */
  label: string;
  /** Of the cursor's readout. */
  title: string;
  state: 'ahead' | 'whole' | 'part' | 'gap';
  /** One of each series, in their order. */
  values: readonly (number | null)[];
}

interface Properties {
  bars: readonly Bar[];
  names: readonly string[];
  unit: string;
  /** A value of the axis as a number in its unit. */
  write: (value: number) => string;
  /** A value with its unit. */
  quantity: (value: number | null) => string;
  label: string;
  hint: string;
}

const TICKS = 4;
// Under a bar that misses a part, so that it does not look whole.
const MARK = 5;
const LABEL_WIDTH = 34;

const sumOf = (bar: Bar): number => bar.values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

export function BarChart({ bars, names, unit, write, quantity, label, hint }: Properties) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [chosen, setChosen] = useState<number | null>(null);
  const id = useId();
  const rows = ticks(0, Math.max(...bars.map(sumOf), 1), TICKS);
  const ends = [0, rows.at(-1) ?? 1] as const;
  const each = Math.max(1, (width - LEFT - RIGHT) / Math.max(1, bars.length));
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / each));
  const point = (event: PointerEvent): void => {
    const at = Math.floor((event.offsetX - LEFT) / each);
    setChosen(at >= 0 && at < bars.length ? at : null);
  };
  const shown = chosen === null ? undefined : bars[chosen];
  return (
    <div class="chart" ref={box} dir="ltr">
      <p class="chart-unit muted small">{unit}</p>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={label} data-testid="bar-chart" onPointerMove={point} onPointerLeave={() => setChosen(null)}>
          <defs>
            <GapPattern id={id} />
          </defs>
          <ValueAxis width={width} rows={rows} write={write} />
          {bars.map((bar, index) => (
            <BarShape key={index} bar={bar} x={LEFT + index * each} width={each} ends={ends} pattern={id} isChosen={index === chosen} />
          ))}
          <g class="chart-axis">
            {bars.map((bar, index) => index % every === 0 && bar.label && (
              <text key={index} x={LEFT + (index + 0.5) * each} y={HEIGHT - 6} text-anchor="middle">
                {bar.label}
              </text>
            ))}
          </g>
        </svg>
      )}
      <p class="chart-readout small tabular" aria-hidden="true" dir="auto">
        {shown ? [shown.title, ...names.map((name, index) => `${name} ${quantity(shown.values[index] ?? null)}`)].join(' · ') : hint}
      </p>
    </div>
  );
}

function BarShape({ bar, x, width, ends, pattern, isChosen }: { bar: Bar; x: number; width: number; ends: readonly [number, number]; pattern: string; isChosen: boolean }) {
  const gap = Math.min(4, width * 0.2);
  const at = { x: x + gap / 2, width: Math.max(1, width - gap) };
  let sum = 0;
  return (
    <g data-state={bar.state} class={isChosen ? 'bar bar-chosen' : 'bar'}>
      {isChosen && <rect class="bar-ground" x={x} y={TOP} width={width} height={HEIGHT - TOP - BOTTOM} />}
      {bar.state === 'gap' && <rect {...at} y={TOP} height={HEIGHT - TOP - BOTTOM} fill={`url(#${pattern})`} />}
      {bar.values.map((value, index) => {
        if (value === null || value === 0) return null;
        const [from, to] = [yOf(sum, ends), yOf(sum + value, ends)];
        sum += value;
        return <rect key={index} class={`series-${(index % 6) + 1}`} {...at} y={to} height={Math.max(0, from - to)} />;
      })}
      {bar.state === 'part' && <rect {...at} y={yOf(sum, ends) - MARK - 1} height={MARK} fill={`url(#${pattern})`} />}
    </g>
  );
}
