// A clip plays recorded spans one after the other; this maps its media time to wall time and back. Pure.

export interface ClipSpan {
  /** Media seconds at which the span begins. */
  offset: number;
  /** Wall time of its first and after its last instant, in milliseconds. */
  from: number;
  to: number;
}

/** The spans of a clip as the hub tells them. */
export function spansOf(rows: readonly { offset_seconds: number; from: string; to: string }[]): ClipSpan[] {
  return rows.map((row) => ({ offset: row.offset_seconds, from: Date.parse(row.from), to: Date.parse(row.to) }));
}

/** Wall time of a media time; before the first span its begin, after the last its end. */
export function wallOf(spans: readonly ClipSpan[], media: number): number | null {
  const span = spans.findLast((row) => row.offset <= media) ?? spans[0];
  if (!span) return null;
  return Math.min(span.to, Math.max(span.from, span.from + (media - span.offset) * 1000));
}

/** Media time of a wall time; null in a gap and outside the clip. */
export function mediaOf(spans: readonly ClipSpan[], wall: number): number | null {
  const span = spans.find((row) => wall >= row.from && wall < row.to);
  return span ? span.offset + (wall - span.from) / 1000 : null;
}

/** Begin of the first span after a wall time. */
export function nextStart(spans: readonly ClipSpan[], wall: number): number | null {
  return spans.find((row) => row.from > wall)?.from ?? null;
}
