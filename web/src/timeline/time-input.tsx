// A time typed as people say it. What is not understood is explained and kept.

import { useState } from 'preact/hooks';

import { TextField } from '../components/field.tsx';
import { hubNow } from '../state/clock.ts';
import { t } from '../text/text.ts';
import { parseTime } from '../time/parse.ts';
import { houseZone } from '../time/house-zone.ts';

interface Properties {
  label: string;
  initial?: string;
  submit: string;
  onTime: (time: number) => void;
  autoFocus?: boolean;
}

export function TimeInput({ label, initial = '', submit, onTime, autoFocus }: Properties) {
  const [text, setText] = useState(initial);
  const [error, setError] = useState<string | null>(null);
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    const time = parseTime(text, hubNow(), houseZone());
    if (time === null) setError(t('time.not_understood'));
    else if (time > hubNow()) setError(t('time.future'));
    else onTime(time);
  };
  return (
    <form class="time-input" onSubmit={onSubmit}>
      <TextField
        label={label}
        hint={t('time.hint')}
        error={error}
        value={text}
        autoFocus={autoFocus}
        autocomplete="off"
        data-testid="time-input"
        onInput={(event) => {
          setText(event.currentTarget.value);
          setError(null);
        }}
      >
        <button type="submit" class="button button-primary">
          {submit}
        </button>
      </TextField>
    </form>
  );
}
