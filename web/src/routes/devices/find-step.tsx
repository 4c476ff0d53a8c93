// First step: who answers in the network, or an address that is known. Nothing is shown that did not answer.

import { useState } from 'preact/hooks';

import { FAMILIES, devices as api, type Discovery, type Family } from '../../api/devices.ts';
import { TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { second } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { decimal } from '../../time/show.ts';
import { isWired, networksOf, type Draft } from './add-draft.ts';
import { deviceIcon, kindText } from './words.ts';

type Choose = (next: Partial<Draft>) => void;

export function FindStep({ draft, choose }: { draft: Draft; choose: Choose }) {
  return (
    <>
      <Search choose={choose} />
      <Manual draft={draft} choose={choose} />
    </>
  );
}

function Search({ choose }: { choose: Choose }) {
  const [found, setFound] = useState<Discovery | null>(null);
  const [networks, setNetworks] = useState('');
  const [begun, setBegun] = useState<number | null>(null);
  const { busy, error, run } = useAction();
  const search = (): void => {
    setBegun(second.peek());
    setFound(null);
    void run(async () => setFound(await api.discover(networksOf(networks))));
  };
  return (
    <section class="card" aria-labelledby="search" data-testid="discovery">
      <h2 id="search">{t('find.title')}</h2>
      <p>{t('find.text')}</p>
      <details class="more">
        <summary>{t('find.networks')}</summary>
        <TextField label={t('find.networks_label')} hint={t('find.networks_hint')} value={networks} spellcheck={false} autocomplete="off" placeholder="192.168.1.0/24" onInput={(event) => setNetworks(event.currentTarget.value)} />
      </details>
      <HubButton kind={found ? 'plain' : 'primary'} busy={busy} onClick={search} testid="discover">
        <Icon name="radar" />
        {busy ? t('find.busy') : found ? t('find.again') : t('find.start')}
      </HubButton>
      <div role="status">{busy && begun !== null && <p class="muted tabular">{t('find.running', { n: Math.max(0, Math.round((second.value - begun) / 1000)) })}</p>}</div>
      <FormError text={error} />
      {found && <Found found={found} choose={choose} />}
    </section>
  );
}

function Found({ found, choose }: { found: Discovery; choose: Choose }) {
  return (
    <>
      <p class="strong" data-testid="found-count">
        {t('find.answered', { n: found.found.length, s: decimal(found.seconds, 1) })}
      </p>
      <p class="muted small" data-testid="asked" dir="auto">
        {t('find.asked', { list: found.asked.map((what) => tCode('asked', what)).join(', ') })}
      </p>
      {found.failed.map((row) => (
        <p key={row.what} class="hint hint-warn" data-testid="find-failed" dir="auto">
          {t('find.failed', { what: tCode('asked', row.what), reason: row.reason })}
        </p>
      ))}
      <ul class="rows">
        {found.found.map((row) => (
          <li key={row.address} class="list-row" data-testid="found-row">
            <Icon name={deviceIcon(row)} />
            <div class="grow">
              <p class="strong" dir="auto">
                {row.name ?? kindText(row)}
              </p>
              <p class="muted small tabular" dir="auto">
                {[row.name ? kindText(row) : null, row.address, row.mac].filter(Boolean).join(' · ')}
              </p>
            </div>
            {row.known_as ? (
              <a href={`/devices/${row.known_as}`}>{t('find.known')}</a>
            ) : (
              <HubButton onClick={() => choose({ family: row.family, address: row.address, name: row.name ?? '' })} label={t('find.add_of', { device: row.name ?? `${kindText(row)} ${row.address}` })} testid="found-add">
                {t('add.submit')}
              </HubButton>
            )}
          </li>
        ))}
      </ul>
      {found.found.length === 0 && <p class="muted">{t('find.nobody')}</p>}
    </>
  );
}

function Manual({ draft, choose }: { draft: Draft; choose: Choose }) {
  const [family, setFamily] = useState<Family>(draft.family);
  const [address, setAddress] = useState(draft.address);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    choose({ family, address: address.trim() });
  };
  return (
    <form class="card" onSubmit={submit} aria-labelledby="manual" data-testid="manual">
      <h2 id="manual">{t('find.manual')}</h2>
      <div class="field">
        <label for="family">{t('find.family')}</label>
        <select id="family" value={family} onChange={(event) => setFamily(event.currentTarget.value as Family)}>
          {FAMILIES.map((name) => (
            <option key={name} value={name}>
              {tCode('family', name)}
            </option>
          ))}
        </select>
      </div>
      <TextField label={t('device.address')} hint={t(family.startsWith('netatmo') ? 'find.cloud_hint' : isWired(family) ? 'find.wired_hint' : 'find.address_hint')} value={address} required spellcheck={false} autocomplete="off" placeholder="192.168.1.20" name="device-address" onInput={(event) => setAddress(event.currentTarget.value)} />
      <HubButton type="submit" testid="manual-next">
        {t('add_device.next')}
      </HubButton>
    </form>
  );
}
