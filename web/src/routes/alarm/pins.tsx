// Who has a PIN. The digits go in and never come out; a second PIN disarms the same way and calls for help unseen.

import { useState } from 'preact/hooks';

import { alarm as api, type PinHolder } from '../../api/alarm.ts';
import { Confirm } from '../../components/confirm.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { loadAlarm } from '../../state/alarm.ts';
import { isMissing } from '../../state/devices.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { isPin } from './setup-draft.ts';

const NAME_MAX = 64;

export function AlarmPins() {
  const [found, again, set] = useFetch(() => api.pins(), 'pins');
  const [edited, setEdited] = useState<PinHolder | 'new' | null>(null);
  const [removed, setRemoved] = useState<PinHolder | null>(null);
  if (!found.data) {
    if (found.state === 'loading') return <Loading what={t('alarm.pins')} />;
    if (isMissing(found.error)) return <p class="note">{t('alarm.missing')}</p>;
    return <ErrorCard what={t('pins.failed')} error={found.error} retry={again} />;
  }
  const done = (pins: PinHolder[], name: string): void => {
    set(pins);
    setEdited(null);
    succeeded(t('pins.saved', { name }));
    void loadAlarm();
  };
  return (
    <section class="narrow" aria-label={t('alarm.pins')}>
      <div class="section-head">
        <p class="muted section-text grow">{t('pins.text')}</p>
        <HubButton kind={found.data.length === 0 ? 'primary' : 'plain'} onClick={() => setEdited('new')} testid="pin-add">
          <Icon name="plus" />
          {t('pins.add')}
        </HubButton>
      </div>
      {found.data.length === 0 && (
        <Empty icon="key-round" title={t('pins.none')}>
          <p class="muted">{t('pins.none_text')}</p>
        </Empty>
      )}
      <ul class="rows" data-testid="pins">
        {found.data.map((one) => (
          <li key={one.holder} class="list-row" data-testid="pin-holder" data-holder={one.holder}>
            <Icon name="key-round" />
            <div class="grow">
              <p class="strong" dir="auto">
                {one.holder}
              </p>
              <p class="small muted">{one.has_duress_pin ? t('pins.has_duress') : t('pins.no_duress')}</p>
            </div>
            <div class="row">
              <HubButton onClick={() => setEdited(one)} label={t('pins.change_of', { name: one.holder })}>
                {t('pins.change')}
              </HubButton>
              <HubButton onClick={() => setRemoved(one)} label={t('pins.remove_of', { name: one.holder })} testid="pin-remove">
                <Icon name="trash-2" size={16} />
              </HubButton>
            </div>
          </li>
        ))}
      </ul>
      {edited && <PinForm holder={edited === 'new' ? null : edited} close={() => setEdited(null)} done={done} />}
      {removed && (
        <Confirm
          title={t('pins.remove_question', { name: removed.holder })}
          confirm={t('pins.remove_of', { name: removed.holder })}
          action={() => api.removePin(removed.holder)}
          close={() => setRemoved(null)}
          done={() => {
            setRemoved(null);
            void loadAlarm();
            again();
          }}
        >
          <p>{t('pins.remove_text')}</p>
        </Confirm>
      )}
    </section>
  );
}

function PinForm({ holder, close, done }: { holder: PinHolder | null; close: () => void; done: (pins: PinHolder[], name: string) => void }) {
  const [name, setName] = useState(holder?.holder ?? '');
  const [pin, setPin] = useState('');
  const [hasDuress, setHasDuress] = useState(holder?.has_duress_pin ?? false);
  const [duress, setDuress] = useState('');
  const { busy, error, run } = useAction();
  const isWhole = name.trim() !== '' && isPin(pin) && (!hasDuress || (isPin(duress) && duress !== pin));
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    let pins: PinHolder[] = [];
    const save = async (): Promise<void> => {
      pins = await api.setPin({ holder: name.trim(), pin, ...(hasDuress ? { duress_pin: duress } : {}) });
    };
    if (await run(save)) done(pins, name.trim());
  };
  const digits = (text: string): string => text.replace(/\D/g, '').slice(0, 12);
  return (
    <Dialog title={holder ? t('pins.change_of', { name: holder.holder }) : t('pins.add')} onClose={close} testid="pin-dialog">
      <form onSubmit={(event) => void submit(event)}>
        {!holder && <TextField label={t('pins.holder')} name="pin-holder" value={name} required maxLength={NAME_MAX} autocomplete="off" dir="auto" onInput={(event) => setName(event.currentTarget.value)} />}
        <TextField label={t('pin.label')} hint={t('pins.hint')} name="new-pin" type="password" inputMode="numeric" autocomplete="off" required value={pin} onInput={(event) => setPin(digits(event.currentTarget.value))} />
        <Switch label={t('pins.duress')} hint={t('pins.duress_hint')} on={hasDuress} onChange={setHasDuress} />
        {hasDuress && <TextField label={t('pins.duress_pin')} name="duress-pin" type="password" inputMode="numeric" autocomplete="off" required value={duress} error={duress !== '' && duress === pin ? t('pins.same') : null} onInput={(event) => setDuress(digits(event.currentTarget.value))} />}
        {holder?.has_duress_pin && <p class="hint">{t('pins.both_again')}</p>}
        <FormError text={error} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {t('action.cancel')}
          </button>
          <HubButton type="submit" kind="primary" busy={busy || !isWhole} testid="pin-save">
            {t('action.save')}
          </HubButton>
        </div>
      </form>
    </Dialog>
  );
}
