// Tokens for programs: what each may do, from where, until when, and when it was used last.

import { useRef, useState } from 'preact/hooks';

import { tokens, type MadeToken, type Token } from '../../api/tokens.ts';
import { Confirm } from '../../components/confirm.tsx';
import { HubButton } from '../../components/hub-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { SecretOnce } from '../../components/secret-once.tsx';
import { Empty, ErrorCard, Loading } from '../../components/states.tsx';
import { useFetch } from '../../components/use-fetch.ts';
import { cameraNamed } from '../../state/cameras.ts';
import { hubNow } from '../../state/clock.ts';
import { succeeded } from '../../state/messages.ts';
import { session } from '../../state/session.ts';
import { t, tCode } from '../../text/text.ts';
import { age, moment, weekdayName } from '../../time/show.ts';
import { WEEKDAYS, clockOf } from '../settings/schedule.ts';
import { TokenForm } from './token-form.tsx';

type Question = { kind: 'rotate' | 'revoke'; token: Token };

export function Tokens() {
  const [list, again] = useFetch(() => tokens.list(), 'tokens');
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<MadeToken | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const show = (next: MadeToken): void => {
    setAdding(false);
    setQuestion(null);
    setMade(next);
    again();
  };
  return (
    <section aria-label={t('account.tokens')}>
      <div class="section-head">
        <p class="muted section-text">{t('tokens.text')}</p>
        <HubButton kind="primary" onClick={() => setAdding(true)} testid="token-add">
          <Icon name="plus" />
          {t('tokens.add')}
        </HubButton>
      </div>
      {!list.data && list.state === 'loading' && <Loading what={t('account.tokens')} />}
      {list.state === 'error' && <ErrorCard what={t('tokens.failed')} error={list.error} retry={again} />}
      {list.data?.length === 0 && (
        <Empty icon="key-round" title={t('tokens.none')}>
          <p class="muted">{t('tokens.none_text')}</p>
        </Empty>
      )}
      {list.data && list.data.length > 0 && (
        <ul class="rows" data-testid="tokens">
          {list.data.map((token) => (
            <TokenRow key={token.id} token={token} ask={(kind) => setQuestion({ kind, token })} />
          ))}
        </ul>
      )}
      {isAdding && <TokenForm close={() => setAdding(false)} done={show} />}
      {question?.kind === 'rotate' && <Rotate token={question.token} close={() => setQuestion(null)} done={show} />}
      {question?.kind === 'revoke' && (
        <Confirm
          title={t('tokens.revoke_question', { name: question.token.name })}
          confirm={t('tokens.revoke_of', { name: question.token.name })}
          action={() => tokens.remove(question.token.id)}
          close={() => setQuestion(null)}
          done={() => {
            setQuestion(null);
            succeeded(t('tokens.revoked', { name: question.token.name }));
            again();
          }}
        >
          <p>{t('tokens.revoke_text')}</p>
        </Confirm>
      )}
      {made && <SecretOnce title={t('tokens.secret', { name: made.token.name })} text={t('tokens.secret_text')} lines={[made.secret]} close={() => setMade(null)} />}
    </section>
  );
}

function Rotate({ token, close, done }: { token: Token; close: () => void; done: (made: MadeToken) => void }) {
  const made = useRef<MadeToken | null>(null);
  const rotate = async (): Promise<void> => {
    made.current = await tokens.rotate(token.id);
  };
  return (
    <Confirm title={t('tokens.rotate_question', { name: token.name })} confirm={t('tokens.rotate')} action={rotate} close={close} done={() => made.current && done(made.current)}>
      <p>{t('tokens.rotate_text')}</p>
    </Confirm>
  );
}

function scopeText(token: Token): string {
  const { actions, cameras, hours } = token.scope;
  const where = cameras ? cameras.map((id) => cameraNamed(id)?.name ?? t('event.removed_camera')).join(', ') : t('tokens.all_cameras');
  const when = hours ? `${hours.days.map((day) => weekdayName(WEEKDAYS.indexOf(day), 'short')).join(' ')} ${clockOf(hours.from_minute)}–${clockOf(hours.to_minute)}` : t('tokens.always');
  return [actions.map((action) => tCode('may', action)).join(', '), where, when].join(' · ');
}

function TokenRow({ token, ask }: { token: Token; ask: (kind: Question['kind']) => void }) {
  const now = hubNow();
  const left = Date.parse(token.expires_at) - now;
  const used = token.used_at ? t('tokens.used', { time: moment(Date.parse(token.used_at), now), address: token.used_from ?? '—' }) : t('tokens.unused');
  return (
    <li class="list-row" data-testid="token-row" data-state={left > 0 ? 'usable' : 'expired'}>
      <Icon name="key-round" />
      <div class="grow">
        <p class="strong" dir="auto">
          {token.name}
          {token.user !== session.value?.user.id && <span class="badge">{t('tokens.other')}</span>}
          {left <= 0 && <span class="badge badge-warn">{t('tokens.expired')}</span>}
        </p>
        <p class="small" dir="auto">
          {scopeText(token)}
        </p>
        <p class="muted small tabular">
          {left > 0 ? t('tokens.ends', { age: age(left) }) : t('tokens.ended', { time: moment(Date.parse(token.expires_at), now) })} · {token.networks.length > 0 ? token.networks.join(', ') : t('tokens.anywhere')} · {used}
        </p>
      </div>
      <div class="row">
        <HubButton onClick={() => ask('rotate')} label={t('tokens.rotate_of', { name: token.name })}>
          {t('tokens.rotate')}
        </HubButton>
        <HubButton onClick={() => ask('revoke')} label={t('tokens.revoke_of', { name: token.name })} testid="token-revoke">
          {t('tokens.revoke')}
        </HubButton>
      </div>
    </li>
  );
}
