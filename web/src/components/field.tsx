// A labelled input with its hint and its error at the field.

import { useId } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';

interface Properties {
  label: string;
  hint?: string | undefined;
  error?: string | null | undefined;
  children?: ComponentChildren;
  /** Id of a `datalist` with names to choose from. */
  list?: string;
}

type InputProperties = Properties & Omit<JSX.IntrinsicElements['input'], 'label' | 'id' | 'role'>;

export function TextField({ label, hint, error, children, ...input }: InputProperties) {
  const id = useId();
  const told = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  // Preact's input type is a union by `type`, which a spread of unknown type does not satisfy.
  const attributes = { ...input, id, 'aria-invalid': error ? 'true' : undefined, 'aria-describedby': told || undefined } as JSX.IntrinsicElements['input'];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-row">
        <input {...attributes} />
        {children}
      </div>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`} data-testid="field-error">
          {error}
        </p>
      )}
    </div>
  );
}

interface ChoiceProperties<T extends string> {
  label: string;
  hint?: string | undefined;
  value: T;
  options: readonly (readonly [T, string])[];
  onChoose: (value: T) => void;
  disabled?: boolean | undefined;
  testid?: string;
}

/** One of a few: a native group of radio buttons that looks like one control. */
export function Choice<T extends string>({ label, hint, value, options, onChoose, disabled, testid }: ChoiceProperties<T>) {
  const id = useId();
  return (
    <fieldset class="field choice" disabled={disabled} data-testid={testid}>
      <legend>{label}</legend>
      <div class="segments">
        {options.map(([option, text]) => (
          <label key={option} class="segment">
            <input type="radio" name={id} value={option} checked={option === value} onChange={() => onChoose(option)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
      {hint && <p class="hint">{hint}</p>}
    </fieldset>
  );
}

export function Switch({ label, hint, on, onChange, disabled }: { label: string; hint?: string; on: boolean; onChange: (on: boolean) => void; disabled?: boolean }) {
  const id = useId();
  return (
    <div class="field switch-field">
      <input id={id} type="checkbox" role="switch" class="switch" checked={on} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} aria-describedby={hint ? `${id}-hint` : undefined} />
      <div>
        <label for={id}>{label}</label>
        {hint && (
          <p class="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
