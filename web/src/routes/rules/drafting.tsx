// Drafts by a language model: off unless somebody names one, and told in plain words what goes where.

import { useState } from 'preact/hooks';

import { rules as api, type Drafting, type NewDrafting } from '../../api/rules.ts';
import { ApiError } from '../../api/request.ts';
import { Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { ErrorCard, Loading } from '../../components/states.tsx';
import { useAction } from '../../components/use-action.ts';
import { useFetch } from '../../components/use-fetch.ts';
import { usePage } from '../../components/use-page.ts';
import { isMissing } from '../../state/devices.ts';
import { reasonOf, succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { length } from '../../time/show.ts';
import { hostOf, isEndpoint } from './endpoint.ts';
import { modelFailure } from './model-failure.ts';

const URL_MAX = 500;
const MODEL_MAX = 200;
const KEY_MAX = 1_000;

export function DraftingPage() {
  const heading = usePage(`${t('drafting.title')} – ${t('nav.rules')}`);
  const [found, again, set] = useFetch(() => api.drafting(), 'drafting');
  return (
    <div class="narrow drafting-page" data-testid="drafting-page">
      <header class="page-head">
        <div>
          <a class="back-link" href="/rules">
            <Icon name="chevron-left" size={16} />
            {t('nav.rules')}
          </a>
          <h1 ref={heading} tabIndex={-1}>
            {t('drafting.title')}
          </h1>
        </div>
      </header>
      {!found.data && found.state === 'loading' && <Loading what={t('drafting.title')} shape="form" />}
      {!found.data && found.state === 'error' && (isMissing(found.error) ? <p class="note">{t('drafting.missing')}</p> : <ErrorCard what={t('drafting.failed')} error={found.error} retry={again} />)}
      {found.data && (
        <>
          <p class="section-text">{t('drafting.text')}</p>
          <Form key={JSON.stringify(found.data)} stored={found.data} done={set} />
        </>
      )}
    </div>
  );
}

/** What happens to the key that is stored: it stays, goes, or another takes its place. */
type Key = 'kept' | 'removed' | 'new';

function Form({ stored, done }: { stored: Drafting; done: (next: Drafting) => void }) {
  const [isOn, setOn] = useState(stored.is_on);
  const [url, setUrl] = useState(stored.url);
  const [model, setModel] = useState(stored.model);
  const [key, setKey] = useState('');
  const [keyIs, setKeyIs] = useState<Key>('kept');
  const [mayName, setMayName] = useState(stored.may_name_people);
  const [mayDescribe, setMayDescribe] = useState(stored.may_describe_events ?? false);
  const [maySee, setMaySee] = useState(stored.may_see_pictures ?? false);
  const { busy, error, run } = useAction();
  const isUsable = isEndpoint(url) && model.trim() !== '';
  const isChanged = isOn !== stored.is_on || url.trim() !== stored.url || model.trim() !== stored.model || mayName !== stored.may_name_people || mayDescribe !== (stored.may_describe_events ?? false) || maySee !== (stored.may_see_pictures ?? false) || keyIs !== 'kept';
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const body: NewDrafting = { is_on: isOn, url: url.trim(), model: model.trim(), may_name_people: mayName, ...(stored.may_describe_events === undefined ? {} : { may_describe_events: mayDescribe, may_see_pictures: mayDescribe && maySee }), ...(keyIs === 'new' ? { key } : keyIs === 'removed' ? { key: null } : {}) };
    let next = stored;
    const save = async (): Promise<void> => {
      next = await api.setDrafting(body);
    };
    if (!(await run(save))) return;
    succeeded(next.is_on ? t('drafting.saved_on', { host: hostOf(next.url) }) : t('drafting.saved_off'));
    done(next);
  };
  const type = (next: string): void => {
    setKey(next);
    setKeyIs(next === '' ? 'kept' : 'new');
  };
  return (
    <form class="card" onSubmit={(event) => void submit(event)} data-testid="drafting" data-state={stored.is_on ? 'on' : 'off'}>
      <Switch label={t('drafting.on')} hint={t('drafting.on_hint')} on={isOn} onChange={setOn} />
      <TextField label={t('drafting.url')} hint={t('drafting.url_hint')} name="drafting-url" type="url" value={url} error={url.trim() === '' || isEndpoint(url) ? null : t('drafting.bad_url')} required={isOn} maxLength={URL_MAX} autocomplete="off" spellcheck={false} dir="ltr" onInput={(event) => setUrl(event.currentTarget.value)} />
      <TextField label={t('drafting.model')} hint={t('drafting.model_hint')} name="drafting-model" value={model} required={isOn} maxLength={MODEL_MAX} autocomplete="off" spellcheck={false} dir="ltr" onInput={(event) => setModel(event.currentTarget.value)} />
      <TextField label={t('drafting.key')} hint={stored.has_key && keyIs !== 'removed' ? t('drafting.key_stored') : t('drafting.key_hint')} name="drafting-key" type="password" value={key} maxLength={KEY_MAX} autocomplete="off" onInput={(event) => type(event.currentTarget.value)}>
        {stored.has_key && keyIs !== 'new' && (
          <HubButton onClick={() => setKeyIs(keyIs === 'removed' ? 'kept' : 'removed')} pressed={keyIs === 'removed'} testid="drafting-key-remove">
            {t('drafting.key_remove')}
          </HubButton>
        )}
      </TextField>
      <Switch label={t('drafting.people')} hint={t('drafting.people_hint')} on={mayName} onChange={setMayName} />
      {stored.may_describe_events !== undefined && (
        <>
          <Switch label={t('drafting.events')} hint={t('drafting.events_hint')} on={mayDescribe} onChange={setMayDescribe} />
          <Switch label={t('drafting.pictures')} hint={t('drafting.pictures_hint')} on={mayDescribe && maySee} disabled={!mayDescribe} onChange={setMaySee} />
        </>
      )}
      <Sent host={isEndpoint(url) ? hostOf(url) : null} isOn={isOn} mayName={mayName} mayDescribe={mayDescribe} maySee={mayDescribe && maySee} />
      <FormError text={error} />
      <div class="row">
        <HubButton type="submit" kind="primary" busy={busy || !isChanged || (isOn && !isUsable)} testid="drafting-save">
          {t('action.save')}
        </HubButton>
        <Test isReady={stored.is_on && !isChanged} />
      </div>
    </form>
  );
}

/** What leaves the house, and what never does, for what is chosen above. */
function Sent({ host, isOn, mayName, mayDescribe, maySee }: { host: string | null; isOn: boolean; mayName: boolean; mayDescribe: boolean; maySee: boolean }) {
  const to = host ?? t('drafting.this_address');
  const never = [t('drafting.never_sound'), ...(maySee ? [] : [t('drafting.never_pictures')]), ...(mayDescribe ? [] : [t('drafting.never_events')]), ...(mayName ? [] : [t('drafting.never_names')])];
  return (
    <section class={isOn ? 'note note-warn drafting-sent' : 'note drafting-sent'} aria-labelledby="drafting-sent" data-testid="drafting-sent" data-state={isOn ? 'on' : 'off'}>
      <h2 id="drafting-sent">{t('drafting.sent_title')}</h2>
      {isOn ? (
        <ul>
          <li dir="auto">{mayName ? t('drafting.sent_with_people', { host: to }) : t('drafting.sent', { host: to })}</li>
          {mayDescribe && <li dir="auto">{t(maySee ? 'drafting.sent_pictures' : 'drafting.sent_events', { host: to })}</li>}
          <li>{t('drafting.sent_when')}</li>
          <li>{t('drafting.never', { what: never.join(', ') })}</li>
          <li>{t('drafting.only_draft')}</li>
        </ul>
      ) : (
        <p>{t('drafting.sent_nothing')}</p>
      )}
    </section>
  );
}

type Outcome = { ok: true; ms: number } | { ok: false; text: string };

function Test({ isReady }: { isReady: boolean }) {
  const [isRunning, setRunning] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const ask = async (): Promise<void> => {
    setRunning(true);
    setOutcome(null);
    try {
      setOutcome(await api.testDrafting());
    } catch (error) {
      setOutcome({ ok: false, text: error instanceof ApiError ? modelFailure(error.code) ?? error.message : reasonOf(error) });
    }
    setRunning(false);
  };
  return (
    <>
      <HubButton onClick={() => void ask()} busy={!isReady || isRunning} title={isReady ? undefined : t('drafting.test_later')} testid="drafting-test">
        {t('drafting.test')}
      </HubButton>
      <span role="status" class="grow" data-testid="drafting-outcome">
        {isRunning && <span class="muted">{t('drafting.testing')}</span>}
        {outcome && <span class={outcome.ok ? 'ok-text' : 'bad-text'}>{outcome.ok ? t('drafting.answered', { time: length(outcome.ms) }) : outcome.text}</span>}
      </span>
    </>
  );
}
