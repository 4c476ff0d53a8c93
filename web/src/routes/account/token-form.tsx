// A new token: what it may do, with which cameras, at which hours, from where, until when.

import { useState } from 'preact/hooks';

import { TOKEN_ACTIONS, tokens, type Hours, type MadeToken, type NewToken } from '../../api/tokens.ts';
import { CAMERA_ACTIONS } from '../../api/users.ts';
import { Checks } from '../../components/checks.tsx';
import { DayChips } from '../../components/day-chips.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Choice, Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { cameras } from '../../state/cameras.ts';
import { hubNow } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { WEEKDAYS, clockOf, endMinuteOf, minuteOf } from '../settings/schedule.ts';

const DAY_MS = 86_400_000;
const LIVES = ['1', '7', '30', '90', '365'] as const;
const isOfCamera = (action: string): boolean => (CAMERA_ACTIONS as readonly string[]).includes(action);
const HOURS: Hours = { days: [...WEEKDAYS], from_minute: 7 * 60, to_minute: 22 * 60 };

/** `user` is whose it will be; one's own unless given. */
export function TokenForm({ user, close, done }: { user?: string; close: () => void; done: (made: MadeToken) => void }) {
  const [name, setName] = useState('');
  const [actions, setActions] = useState<readonly string[]>(['list_cameras', 'live']);
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const [hours, setHours] = useState<Hours | null>(null);
  const [life, setLife] = useState<(typeof LIVES)[number]>('90');
  const [networks, setNetworks] = useState('');
  const { busy, error, run } = useAction();
  const isComplete = name.trim() !== '' && actions.length > 0 && (chosen === null || chosen.length > 0) && (hours === null || hours.days.length > 0);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const wanted: NewToken = {
      name: name.trim(),
      ...(user ? { user } : {}),
      scope: { actions: [...actions], ...(chosen ? { cameras: [...chosen] } : {}), ...(hours ? { hours } : {}) },
      networks: networks.split(/[\s,]+/).filter(Boolean),
      expires_at: new Date(hubNow() + Number(life) * DAY_MS).toISOString(),
    };
    void run(async () => done(await tokens.add(wanted)));
  };
  return (
    <Dialog title={t('tokens.add')} onClose={close} testid="token-dialog" wide>
      <form onSubmit={submit}>
        <TextField label={t('tokens.name')} hint={t('tokens.name_hint')} value={name} required autoFocus maxLength={64} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
        <Checks label={t('tokens.may_cameras')} options={TOKEN_ACTIONS.filter(isOfCamera).map((action) => [action, tCode('may', action)])} chosen={actions} onChange={setActions} />
        <Checks label={t('tokens.may_house')} options={TOKEN_ACTIONS.filter((action) => !isOfCamera(action)).map((action) => [action, tCode('may', action)])} chosen={actions} onChange={setActions} />
        <Switch label={t('tokens.all_cameras')} hint={t('tokens.all_cameras_hint')} on={chosen === null} onChange={(on) => setChosen(on ? null : [])} />
        {chosen && <Checks label={t('nav.cameras')} options={(cameras.value ?? []).map((camera) => [camera.id, camera.name])} chosen={chosen} onChange={setChosen} />}
        <Switch label={t('tokens.always')} hint={t('tokens.always_hint')} on={hours === null} onChange={(on) => setHours(on ? null : HOURS)} />
        {hours && <HoursField hours={hours} onChange={setHours} />}
        <TextField label={t('tokens.networks')} hint={t('tokens.networks_hint')} value={networks} spellcheck={false} autocomplete="off" placeholder="192.168.1.0/24" onInput={(event) => setNetworks(event.currentTarget.value)} />
        <Choice label={t('tokens.life')} value={life} options={LIVES.map((days) => [days, t('time.d', { n: Number(days) })])} onChoose={setLife} />
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || !isComplete} testid="token-submit">
            {t('tokens.make')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}

function HoursField({ hours, onChange }: { hours: Hours; onChange: (hours: Hours) => void }) {
  const set = (key: 'from_minute' | 'to_minute', minute: number | null): void => {
    if (minute !== null) onChange({ ...hours, [key]: minute });
  };
  return (
    <fieldset class="field">
      <legend>{t('tokens.hours')}</legend>
      <div class="row">
        <DayChips days={hours.days} onChange={(days) => onChange({ ...hours, days })} />
        <input type="time" class="small-input tabular" aria-label={t('schedule.from')} value={clockOf(hours.from_minute)} onChange={(event) => set('from_minute', minuteOf(event.currentTarget.value))} />
        <span aria-hidden="true">–</span>
        <input type="time" class="small-input tabular" aria-label={t('schedule.to')} value={clockOf(hours.to_minute)} onChange={(event) => set('to_minute', endMinuteOf(event.currentTarget.value))} />
      </div>
    </fieldset>
  );
}
