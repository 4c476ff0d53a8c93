// A list that an authority publishes: from where, which headings, how many; how it was read last, and how all of it goes
// again.

import { useRef, useState } from 'preact/hooks';

import { PUBLISHED_CLASSES, PUBLISHED_MAX, watchList as api, type ImportSettings, type PublishedClass, type Watched, type WatchList } from '../../api/watch-list.ts';
import { Checks } from '../../components/checks.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Switch, TextField } from '../../components/field.tsx';
import { FormError } from '../../components/form-error.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { useAction } from '../../components/use-action.ts';
import { second } from '../../state/clock.ts';
import { succeeded } from '../../state/messages.ts';
import { t } from '../../text/text.ts';
import { moment, whole } from '../../time/show.ts';
import { isEndpoint } from '../rules/endpoint.ts';
import { useHeadingFocus } from './use-heading-focus.ts';

const URL_MAX = 500;

interface Properties {
  list: WatchList;
  set: (list: WatchList) => void;
}

/** A whole number of people that the hub takes, or null. */
function mostOf(text: string): number | null {
  const count = Number(text);
  return Number.isInteger(count) && count >= 1 && count <= PUBLISHED_MAX ? count : null;
}

const isPublished = ({ source }: Watched): boolean => source.kind === 'published';

export function Published({ list, set }: Properties) {
  const { import: settings } = list.settings;
  const published = list.people.filter(isPublished).length;
  // With everybody taken off, the button for that goes too.
  const heading = useHeadingFocus(published + (settings.is_on ? 1 : 0));
  return (
    <section class="card" aria-labelledby="published" data-testid="published" data-state={settings.is_on ? 'on' : 'off'}>
      <h2 id="published" ref={heading} tabIndex={-1}>{t('published.title')}</h2>
      <p>{t('published.text')}</p>
      <Form key={JSON.stringify(settings)} list={list} set={set} />
      <LastReading list={list} published={published} set={set} />
    </section>
  );
}

function Form({ list, set }: Properties) {
  const stored = list.settings.import;
  const [isOn, setOn] = useState(stored.is_on);
  const [url, setUrl] = useState(stored.url);
  const [classes, setClasses] = useState<readonly PublishedClass[]>(stored.classes);
  const [most, setMost] = useState(String(stored.most));
  const [leftOut, setLeftOut] = useState<readonly string[]>(stored.left_out);
  const { busy, error, run } = useAction();
  const count = mostOf(most);
  const isWhole = isEndpoint(url) && count !== null && classes.length > 0;
  const wanted: ImportSettings = { is_on: isOn, url: url.trim(), classes: PUBLISHED_CLASSES.filter((one) => classes.includes(one)), most: count ?? stored.most, left_out: [...leftOut] };
  const isChanged = JSON.stringify(wanted) !== JSON.stringify({ ...stored, classes: PUBLISHED_CLASSES.filter((one) => stored.classes.includes(one)) });
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    let next = list;
    const save = async (): Promise<void> => {
      next = await api.set({ ...list.settings, import: wanted });
    };
    if (!(await run(save))) return;
    succeeded(t(next.settings.import.is_on ? 'published.saved_on' : 'published.saved_off'));
    set(next);
  };
  return (
    <form onSubmit={(event) => void submit(event)} data-testid="published-form">
      <Switch label={t('published.on')} hint={t('published.on_hint')} on={isOn} onChange={setOn} />
      <TextField label={t('published.url')} hint={t('published.url_hint')} name="published-url" type="url" value={url} error={isEndpoint(url) ? null : t('published.bad_url')} required maxLength={URL_MAX} autocomplete="off" spellcheck={false} dir="ltr" onInput={(event) => setUrl(event.currentTarget.value)} />
      <Checks label={t('published.classes')} options={PUBLISHED_CLASSES.map((one) => [one, t(`watch_class.${one}`)])} chosen={classes} onChange={(next) => setClasses(PUBLISHED_CLASSES.filter((one) => next.includes(one)))} />
      {classes.length === 0 && <p class="field-error">{t('published.no_class')}</p>}
      <p class="hint">{t('published.classes_hint')}</p>
      <TextField label={t('published.most')} hint={t('published.most_hint', { max: PUBLISHED_MAX })} name="published-most" inputMode="numeric" class="short" value={most} error={count === null ? t('published.bad_most', { max: PUBLISHED_MAX }) : null} required onInput={(event) => setMost(event.currentTarget.value)} />
      {stored.left_out.length > 0 && (
        <p class="note row" data-testid="left-out">
          <span class="grow">{leftOut.length > 0 ? t('published.left_out', { n: leftOut.length }) : t('published.come_back')}</span>
          <HubButton onClick={() => setLeftOut(leftOut.length > 0 ? [] : stored.left_out)} pressed={leftOut.length === 0} testid="left-out-back">
            {t('published.let_back')}
          </HubButton>
        </p>
      )}
      <FormError text={error} />
      <div class="row">
        <HubButton type="submit" kind="primary" busy={busy || !isChanged || !isWhole} testid="published-save">
          {t('action.save')}
        </HubButton>
      </div>
    </form>
  );
}

/** When it was read, how that went, and what can be done now. */
function LastReading({ list, published, set }: Properties & { published: number }) {
  const [isAsked, setAsked] = useState(false);
  const left = useRef<WatchList | null>(null);
  const { busy, error, run } = useAction();
  const takeBack = async (): Promise<void> => {
    left.current = await api.takeBack();
  };
  const { is_on: isOn } = list.settings.import;
  return (
    <div class="last-reading" data-testid="last-reading" data-state={list.importing ? 'reading' : list.last_import.error === null ? 'read' : 'failed'}>
      <h3>{t('published.last')}</h3>
      <div role="status">{list.importing ? <p>{t('published.reading')}</p> : <Outcome list={list} />}</div>
      <FormError text={error} />
      <div class="row">
        <HubButton onClick={() => void run(async () => set(await api.read()))} busy={busy || list.importing || !isOn} title={isOn ? undefined : t('published.read_later')} testid="published-read">
          <Icon name="rotate-cw" />
          {t('published.read')}
        </HubButton>
        {(isOn || published > 0) && (
          <HubButton onClick={() => setAsked(true)} testid="published-back">
            <Icon name="trash-2" />
            {t('published.back')}
          </HubButton>
        )}
      </div>
      {isAsked && (
        <Confirm
          title={t('published.back_question')}
          confirm={t('published.back')}
          action={takeBack}
          close={() => setAsked(false)}
          done={() => {
            setAsked(false);
            succeeded(t('published.taken_back'));
            if (left.current) set(left.current);
          }}
        >
          <p>{t('published.back_text', { n: published })}</p>
        </Confirm>
      )}
    </div>
  );
}

function Outcome({ list: { last_import: last } }: { list: WatchList }) {
  if (last.at === null) return <p class="muted">{t('published.never')}</p>;
  const time = moment(Date.parse(last.at), second.value);
  if (last.error !== null) {
    return (
      <p class="note note-warn" dir="auto">
        <Icon name="triangle-alert" size={16} /> {t('published.failed', { time, reason: last.error })}
      </p>
    );
  }
  return (
    <>
      <p>{t('published.read_at', { time, listed: whole(last.listed), kept: whole(last.kept) })}</p>
      <p class="muted small">
        {t('published.counts', { added: whole(last.added), removed: whole(last.removed), unusable: whole(last.unusable) })}{' '}
        {last.hosts.length > 0 && <span dir="auto">{t('published.hosts', { hosts: last.hosts.join(', ') })}</span>}
      </p>
    </>
  );
}
