// A command to a device: what is shown changes only after the device acknowledged it, or after the hub said why not.

import { useState } from 'preact/hooks';

import { devices as api, type ControlValue, type Device, type ValueControl } from '../../api/devices.ts';
import { ApiError } from '../../api/request.ts';
import { acknowledged, askAgain } from '../../state/devices.ts';
import { reasonOf } from '../../state/messages.ts';
import { NotProved, withProof } from '../../state/proof.ts';
import { t } from '../../text/text.ts';
import { UNKNOWN, valueText } from './words.ts';

export interface Command {
  isSending: boolean;
  /** Why the last one failed, and what still holds. */
  failure: string | null;
  send: (value: ControlValue) => Promise<boolean>;
}

const SILENT = ['device_timeout', 'device_unreachable', 'no_contact'];

/** What failed and what the device said last, which is still shown. */
function failureText(error: unknown, control: ValueControl, ms: number): string {
  const value = valueText(control);
  const isSilent = error instanceof ApiError && SILENT.includes(error.code);
  const cause = isSilent ? t('command.silent', { n: Math.max(1, Math.round(ms / 1000)) }) : reasonOf(error);
  return value === UNKNOWN ? t('command.failed_unknown', { cause }) : t('command.failed', { cause, value });
}

export function useCommand(device: Pick<Device, 'id'>, control: ValueControl): Command {
  const [isSending, setSending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const send = async (value: ControlValue): Promise<boolean> => {
    const begun = performance.now();
    setSending(true);
    setFailure(null);
    try {
      const said = await withProof(() => api.set(device.id, control.key, value));
      acknowledged(device.id, control.key, said.value, said.as_of);
      return true;
    } catch (error) {
      if (error instanceof NotProved) return false;
      setFailure(failureText(error, control, performance.now() - begun));
      void askAgain(device.id);
      return false;
    } finally {
      setSending(false);
    }
  };
  return { isSending, failure, send };
}
