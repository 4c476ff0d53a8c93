// A browser's description of itself as a few words. Pure. Whatever it claims, it is only shown.

const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg(?:A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bCriOS\/|\bChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];
const CHARACTERS_MAX = 60;

const first = (list: readonly [RegExp, string][], agent: string): string | undefined => list.find(([pattern]) => pattern.test(agent))?.[1];

/** `Firefox, Linux`; what is not known is cut and shown as it is. */
export function agentName(agent: string): { text: string; isPhone: boolean } {
  const [browser, system] = [first(BROWSERS, agent), first(SYSTEMS, agent)];
  const isPhone = /iPhone|Android.*Mobile|Mobile.*Firefox/.test(agent);
  const text = browser ? [browser, system].filter(Boolean).join(', ') : agent.slice(0, CHARACTERS_MAX);
  return { text, isPhone };
}
