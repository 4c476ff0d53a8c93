// What assistants called, newest first, and what became of it. Arguments come redacted from the hub.

import { useState } from 'preact/hooks';

import type { Call } from '../../api/assistant.ts';
import { callText } from '../../components/call-words.ts';
import { second } from '../../state/clock.ts';
import { t, tCode } from '../../text/text.ts';
import { clockTime, moment } from '../../time/show.ts';

const SHOWN = 20;
const BADGES: Record<Call['outcome'], string> = { done: 'badge badge-ok', refused: 'badge badge-warn', failed: 'badge badge-bad', denied: 'badge badge-warn', expired: 'badge' };

export function CallLog({ calls }: { calls: readonly Call[] }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? calls : calls.slice(0, SHOWN);
  return (
    <section class="card" aria-labelledby="calls">
      <h2 id="calls">{t('calls.title')}</h2>
      <p class="muted small">{t('calls.text')}</p>
      {calls.length === 0 && <p class="muted">{t('calls.none')}</p>}
      <ul class="call-list" data-testid="calls">
        {shown.map((call) => (
          <li key={`${call.at}${call.name}${call.tool}`} data-testid="call" data-state={call.outcome}>
            <time dateTime={call.at} class="small muted" title={clockTime(Date.parse(call.at))}>
              {moment(Date.parse(call.at), second.value)}
            </time>
            <span class="strong" dir="auto">
              {call.name}
            </span>
            <span class="code grow" dir="ltr">
              {callText(call.tool, call.arguments)}
            </span>
            <span class={BADGES[call.outcome] ?? 'badge'}>{tCode('call', call.outcome)}</span>
            <span class="small muted" dir="auto">
              {call.detail}
            </span>
          </li>
        ))}
      </ul>
      {calls.length > shown.length && (
        <button type="button" class="button" onClick={() => setWhole(true)}>
          {t('calls.all', { n: calls.length })}
        </button>
      )}
    </section>
  );
}
