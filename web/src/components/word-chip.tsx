// Words of a sentence that can be changed: each is a native list, or opens a small menu beside it.

import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

import { t } from '../text/text.ts';

interface ChoiceProperties<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChoose: (value: T) => void;
  testid?: string;
}

/** One of several. */
export function ChoiceChip<T extends string>({ label, value, options, onChoose, testid }: ChoiceProperties<T>) {
  const isKnown = options.some(([option]) => option === value);
  return (
    <select class="word-chip" aria-label={label} value={value} onChange={(event) => onChoose(event.currentTarget.value as T)} data-testid={testid} dir="auto">
      {!isKnown && <option value={value}>{value === '' ? t('chip.choose') : value}</option>}
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}

interface MenuProperties {
  label: string;
  /** What the chip says. */
  text: string;
  children: ComponentChildren;
  testid?: string | undefined;
}

/** Opens a menu; the browser closes it by Escape or a click elsewhere. */
export function MenuChip({ label, text, children, testid }: MenuProperties) {
  const id = useId();
  return (
    <span class="word-menu">
      <button type="button" class="word-chip" popovertarget={id} aria-label={`${label}: ${text}`} data-testid={testid}>
        <span dir="auto">{text}</span>
      </button>
      <div id={id} popover="auto" class="menu chip-menu" role="group" aria-label={label}>
        {children}
      </div>
    </span>
  );
}

interface ManyProperties {
  label: string;
  /** What it says while none is chosen. */
  none: string;
  options: readonly (readonly [string, string])[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  testid?: string;
}

/** Any number of several. What is chosen and gone meanwhile stays in the list, so that it can be taken out. */
export function ManyChip({ label, none, options, chosen, onChange, testid }: ManyProperties) {
  const gone = chosen.filter((one) => !options.some(([option]) => option === one)).map((one) => [one, t('chip.gone')] as const);
  const all = [...options, ...gone];
  const toggle = (value: string): void => onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
  const names = all.filter(([option]) => chosen.includes(option)).map(([, text]) => text);
  return (
    <MenuChip label={label} text={names.length === 0 ? none : names.join(t('chip.or'))} testid={testid}>
      {all.length === 0 && <p class="muted">{t('chip.nothing')}</p>}
      {all.map(([value, text]) => (
        <label key={value} class="check" dir="auto">
          <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
          {text}
        </label>
      ))}
    </MenuChip>
  );
}

interface TextProperties {
  label: string;
  value: string;
  onInput: (value: string) => void;
  /** Shown while it is empty. */
  placeholder: string;
  maxLength: number;
  testid?: string;
}

/** Words of one's own. */
export function TextChip({ label, value, onInput, placeholder, maxLength, testid }: TextProperties) {
  return <input class="word-chip word-text" aria-label={label} value={value} placeholder={placeholder} maxLength={maxLength} autocomplete="off" dir="auto" onInput={(event) => onInput(event.currentTarget.value)} data-testid={testid} />;
}

interface NumberProperties {
  label: string;
  value: number;
  min: number;
  max: number;
  step?: number;
  onInput: (value: number) => void;
  testid?: string;
}

/** A number; what is no number within the bounds is not taken over. */
export function NumberChip({ label, value, min, max, step = 1, onInput, testid }: NumberProperties) {
  const take = (text: string): void => {
    const next = Number(text);
    if (text.trim() !== '' && Number.isFinite(next) && next >= min && next <= max && (step !== 1 || Number.isInteger(next))) onInput(next);
  };
  return <input type="number" class="word-chip word-number tabular" aria-label={label} value={value} min={min} max={max} step={step} onInput={(event) => take(event.currentTarget.value)} data-testid={testid} />;
}
