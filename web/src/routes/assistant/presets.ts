// What a new access is made for: actions from the tools that the hub has, its end, and how programs are set up. Pure.

import type { Tool } from '../../api/assistant.ts';

export const PRESETS = ['read', 'ask'] as const;
export type Preset = (typeof PRESETS)[number];

/** The longest that an access lasts. */
export const DAYS_MAX = 90;
export const CALLS_MAX = 10_000;
const DAY_MS = 86_400_000;

/** What tools of this preset need, each once, in the order of the tools. */
export function actionsOf(preset: Preset, tools: readonly Tool[]): string[] {
  const wanted = tools.filter((tool) => preset === 'ask' || tool.effect === 'looks');
  return [...new Set(wanted.map((tool) => tool.action))];
}

/** Whether all that an access may do is to look. */
export function isReadOnly(actions: readonly string[], tools: readonly Tool[]): boolean {
  const looking = new Set(tools.filter((tool) => tool.effect === 'looks').map((tool) => tool.action));
  return actions.every((action) => looking.has(action));
}

/** `2026-11-22` of a time, by UTC: an access ends at the end of that day. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The first and the last day that can be chosen. */
export const dayRange = (now: number): { min: string; max: string } => ({ min: dayOf(now), max: dayOf(now + (DAYS_MAX - 1) * DAY_MS) });

/** The last moment of a day, or null where it is no day that can be chosen. */
export function endOfDay(day: string, now: number): number | null {
  const { min, max } = dayRange(now);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || day < min || day > max) return null;
  const start = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(start) ? null : start + DAY_MS - 1000;
}

export interface Hub {
  origin: string;
  certificate: string | null;
}

export type Transport = 'stdio' | 'http';

/** What is put into the settings of a program that speaks MCP. */
export function snippet(transport: Transport, secret: string, preset: Preset, hub: Hub): string {
  const http = { type: 'http', url: `${hub.origin}/mcp${preset === 'read' ? '?mode=read' : ''}`, headers: { Authorization: `Bearer ${secret}` } };
  const certificate = hub.certificate === null ? [] : ['--certificate', hub.certificate.replaceAll(':', '')];
  const stdio = { command: 'hearthwatch', args: ['mcp', '--url', hub.origin, '--token-env', 'HEARTHWATCH_TOKEN', ...certificate], env: { HEARTHWATCH_TOKEN: secret } };
  return JSON.stringify({ mcpServers: { hearthwatch: transport === 'http' ? http : stdio } }, null, 2);
}
