// A QR code as a picture: black on white in both themes, with the quiet zone cameras need.

import { useMemo } from 'preact/hooks';

import { qrCode, type Matrix } from './qr.ts';

const QUIET = 4;

/** One path: each run of dark modules of a row is a rectangle. */
export function pathOf(matrix: Matrix): string {
  return matrix
    .flatMap((row, y) => [...row.map((dark) => (dark ? '1' : '0')).join('').matchAll(/1+/g)].map((run) => `M${run.index + QUIET} ${y + QUIET}h${run[0].length}v1h-${run[0].length}z`))
    .join('');
}

export function QrImage({ text, label }: { text: string; label: string }) {
  const matrix = useMemo(() => qrCode(text), [text]);
  if (!matrix) return null;
  const size = matrix.length + 2 * QUIET;
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges" data-testid="qr">
      <rect width={size} height={size} fill="#fff" />
      <path d={pathOf(matrix)} fill="#000" />
    </svg>
  );
}
