// The keys of the dashboard: one listener, pages add theirs while they are shown.

import { useEffect, useRef } from 'preact/hooks';

import { singleKeys } from './preferences.ts';

export type KeyMap = Record<string, (event: KeyboardEvent) => void>;

const layers: KeyMap[] = [];
const SEQUENCE_MS = 1200;
let pendingG = 0;

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Native controls keep the keys that operate them. */
function belongsToControl(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  const isControl = /^(BUTTON|A|SUMMARY)$/.test(target.tagName);
  return isControl && (event.key === ' ' || event.key === 'Enter');
}

function find(key: string): ((event: KeyboardEvent) => void) | undefined {
  for (let index = layers.length - 1; index >= 0; index -= 1) {
    const found = layers[index]?.[key];
    if (found) return found;
  }
  return undefined;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (singleKeys.value === 'off' || isTyping(event) || belongsToControl(event)) return;
  if (document.querySelector('dialog[open]')) return;
  const name = event.key === ' ' ? 'Space' : event.key;
  const key = event.shiftKey && name.length > 1 ? `Shift+${name}` : name;
  const isSecond = Date.now() - pendingG < SEQUENCE_MS;
  const sequence = isSecond ? find(`g ${key}`) : undefined;
  pendingG = !isSecond && key === 'g' ? Date.now() : 0;
  const action = sequence ?? find(key);
  if (!action) return;
  event.preventDefault();
  action(event);
}

/** Begins to listen; once. */
export function startKeys(): void {
  addEventListener('keydown', onKey);
}

/** Keys that work while the component is shown; the innermost wins. */
export function useKeys(keys: KeyMap): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const layer: KeyMap = new Proxy(
      {},
      { get: (_, name) => latest.current[String(name)] },
    );
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  }, []);
}
