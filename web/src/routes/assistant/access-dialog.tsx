// A new access: for which cameras, to look only or to ask for changes too, until when, and how many calls a day.

import { useState } from 'preact/hooks';

import type { Tool } from '../../api/assistant.ts';
import { tokens, type MadeToken } from '../../api/tokens.ts';
import { Checks } from '../../components/checks.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Choice, Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { useAction } from '../../components/use-action.ts';
import { cameras } from '../../state/cameras.ts';
import { hubNow } from '../../state/clock.ts';
import { t } from '../../text/text.ts';
import { CALLS_MAX, DAYS_MAX, PRESETS, actionsOf, dayOf, dayRange, endOfDay, type Preset } from './presets.ts';

const DAYS_USUAL = 30;
const CALLS_USUAL = 500;
const DAY_MS = 86_400_000;

export interface Made {
  made: MadeToken;
  preset: Preset;
}

function callsOf(text: string): number | null {
  const calls = Number(text);
  return /^\d+$/.test(text.trim()) && calls >= 1 && calls <= CALLS_MAX ? calls : null;
}

export function AccessDialog({ tools, close, done }: { tools: readonly Tool[]; close: () => void; done: (made: Made) => void }) {
  const [name, setName] = useState('');
  const [preset, setPreset] = useState<Preset>('read');
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const [day, setDay] = useState(() => dayOf(hubNow() + DAYS_USUAL * DAY_MS));
  const [calls, setCalls] = useState(String(CALLS_USUAL));
  const { busy, error, run } = useAction();
  const ends = endOfDay(day, hubNow());
  const limit = callsOf(calls);
  const actions = actionsOf(preset, tools);
  const isWhole = name.trim() !== '' && ends !== null && limit !== null && actions.length > 0 && (chosen === null || chosen.length > 0);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (ends === null || limit === null) return;
    const wanted = { name: name.trim(), scope: { actions, asks: 'always' as const, calls_per_day: limit, ...(chosen ? { cameras: [...chosen] } : {}) }, networks: [], expires_at: new Date(ends).toISOString() };
    void run(async () => done({ made: await tokens.add(wanted), preset }));
  };
  const range = dayRange(hubNow());
  return (
    <Dialog title={t('access.new')} onClose={close} testid="access-dialog" wide>
      <form onSubmit={submit}>
        <TextField label={t('access.name')} hint={t('access.name_hint')} name="access-name" value={name} required autoFocus maxLength={64} autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
        <Choice label={t('access.preset')} hint={t(`preset_hint.${preset}`)} value={preset} options={PRESETS.map((one) => [one, t(`preset.${one}`)])} onChoose={setPreset} testid="access-preset" />
        <Tools preset={preset} tools={tools} />
        <Switch label={t('access.all_cameras')} hint={t('access.all_cameras_hint')} on={chosen === null} onChange={(on) => setChosen(on ? null : [])} />
        {chosen && <Checks label={t('nav.cameras')} options={(cameras.value ?? []).map((camera) => [camera.id, camera.name])} chosen={chosen} onChange={setChosen} />}
        <div class="field-pair">
          <TextField label={t('access.until')} hint={t('access.until_hint', { n: DAYS_MAX })} name="access-until" type="date" value={day} min={range.min} max={range.max} required error={ends === null ? t('access.until_wrong', { n: DAYS_MAX }) : null} onInput={(event) => setDay(event.currentTarget.value)} />
          <TextField label={t('access.calls')} name="access-calls" inputMode="numeric" value={calls} required error={limit === null ? t('access.calls_wrong', { max: CALLS_MAX }) : null} onInput={(event) => setCalls(event.currentTarget.value)} />
        </div>
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || !isWhole} testid="access-submit">
            {t('access.make')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}

/** The tools that it comes to, and which of them wait for a person. */
function Tools({ preset, tools }: { preset: Preset; tools: readonly Tool[] }) {
  const shown = tools.filter((tool) => preset === 'ask' || tool.effect === 'looks');
  return (
    <details class="tool-list">
      <summary>{t('access.tools', { n: shown.length })}</summary>
      <ul class="face-list">
        {shown.map((tool) => (
          <li key={tool.name}>
            <span class={tool.effect === 'looks' ? 'badge' : 'badge badge-warn'}>{t(`effect.${tool.effect}`)}</span>
            <span class="grow">
              <span class="code">{tool.name}</span>{' '}
              <span class="small muted" lang="en">
                {tool.about}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
