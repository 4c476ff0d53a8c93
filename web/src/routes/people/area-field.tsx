// A labelled text of several lines.

import { useId } from 'preact/hooks';

interface Properties {
  label: string;
  hint?: string;
  name: string;
  value: string;
  required?: boolean;
  maxLength: number;
  onInput: (value: string) => void;
}

export function AreaField({ label, hint, name, value, required, maxLength, onInput }: Properties) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea id={id} name={name} rows={4} value={value} required={required} maxLength={maxLength} dir="auto" aria-describedby={hint ? `${id}-hint` : undefined} onInput={(event) => onInput(event.currentTarget.value)} />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
