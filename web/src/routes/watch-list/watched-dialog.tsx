// Who is watched for, why and until when: nobody is on the list without a reason and an end.

import { useState } from 'preact/hooks';

import { watchList as api, type Watched } from '../../api/watch-list.ts';
import { Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { hubNow } from '../../state/clock.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { houseZone } from '../../time/house-zone.ts';
import { fullDay } from '../../time/show.ts';
import { AreaField } from '../people/area-field.tsx';
import { isName } from '../people/person-name.ts';
import { dayOf, dayRange, endOfDay, usualDay } from './until-day.ts';

const REASON_MAX = 500;

export function WatchedDialog({ person, close, done }: { person: Watched | null; close: () => void; done: () => void }) {
  const [name, setName] = useState(person?.name ?? '');
  const [reason, setReason] = useState(person?.reason ?? '');
  const [day, setDay] = useState(() => (person ? dayOf(Date.parse(person.ends_at), houseZone()) : usualDay(hubNow(), houseZone())));
  const { busy, error, run } = useAction();
  const range = dayRange(hubNow(), houseZone());
  const ends = endOfDay(day, hubNow(), houseZone());
  const isWhole = isName(name) && reason.trim() !== '' && ends !== null;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (ends === null) return;
    const body = { name: name.trim(), reason: reason.trim(), ends_at: new Date(ends).toISOString() };
    if (!(await run(() => (person ? api.change(person.id, body) : api.add(body))))) return;
    succeeded(t(person ? 'watched.changed' : 'watched.added_now', { name: body.name }));
    close();
    done();
  };
  return (
    <Dialog title={person ? t('watched.change_of', { name: person.name }) : t('watched.add')} onClose={close} testid="watched-dialog">
      <form onSubmit={(event) => void submit(event)}>
        <TextField label={t('people.name')} hint={t('people.name_hint')} name="watched-name" value={name} error={name === '' || isName(name) ? null : t('people.bad_name')} required autocomplete="off" dir="auto" onInput={(event) => setName(event.currentTarget.value)} />
        <AreaField label={t('watched.reason')} hint={t('watched.reason_hint', { max: REASON_MAX })} name="watched-reason" value={reason} required maxLength={REASON_MAX} onInput={setReason} />
        <TextField
          label={t('consent.until')}
          hint={t('watched.until_hint')}
          name="watched-until"
          type="date"
          class="short date"
          value={day}
          min={range.min}
          max={range.max}
          required
          error={ends === null ? t('watched.until_wrong', { day: fullDay(endOfDay(range.max, hubNow(), houseZone()) ?? hubNow()) }) : null}
          onInput={(event) => setDay(event.currentTarget.value)}
        />
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || !isWhole} testid="watched-submit">
            {person ? t('action.save') : t('watched.add')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
