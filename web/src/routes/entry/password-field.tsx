// A password that can be looked at while it is typed; pasting and password managers work.

import { useState } from 'preact/hooks';

import { TextField } from '../../components/field.tsx';
import { t } from '../../text/text.ts';

interface Properties {
  value: string;
  onInput: (value: string) => void;
  label?: string;
  name?: string;
  isNew?: boolean;
  error?: string | null;
  hint?: string;
}

export function PasswordField({ value, onInput, label = t('entry.password'), name = 'password', isNew = false, error = null, hint }: Properties) {
  const [isShown, setShown] = useState(false);
  return (
    <TextField
      label={label}
      name={name}
      type={isShown ? 'text' : 'password'}
      autocomplete={isNew ? 'new-password' : 'current-password'}
      required
      value={value}
      error={error}
      hint={hint}
      onInput={(event) => onInput(event.currentTarget.value)}
    >
      <button type="button" class="button" aria-pressed={isShown} aria-label={t('entry.show_what', { what: label })} onClick={() => setShown(!isShown)}>
        {t('entry.show')}
      </button>
    </TextField>
  );
}
