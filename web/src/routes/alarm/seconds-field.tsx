// A time in seconds as a field. What is no number counts as too much, so that it is not saved.

import { useState } from 'preact/hooks';

import { TextField } from '../../components/field.tsx';

export function SecondsField({ label, hint, name, value, onInput }: { label: string; hint?: string; name: string; value: number; onInput: (seconds: number) => void }) {
  const [text, setText] = useState(String(value));
  const take = (next: string): void => {
    setText(next);
    onInput(/^\d{1,5}$/.test(next.trim()) ? Number(next) : Number.NaN);
  };
  return <TextField label={label} hint={hint} name={name} inputMode="numeric" class="short" value={text} autocomplete="off" onInput={(event) => take(event.currentTarget.value)} />;
}
