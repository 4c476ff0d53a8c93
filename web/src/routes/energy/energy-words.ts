// Money, and the names of periods and of their bars.

import { locale, t } from '../../text/text.ts';
import { houseZone } from '../../time/house-zone.ts';
import type { Period } from './period.ts';

/** An amount in a currency; one that Intl does not know is written with its code. */
export function money(amount: number, currency: string): string {
  try {
    return new Intl.NumberFormat(locale() === 'en' ? 'en-GB' : locale(), { style: 'currency', currency }).format(amount);
  } catch {
    return `${new Intl.NumberFormat(locale(), { maximumFractionDigits: 2 }).format(amount)} ${currency}`;
  }
}

const form = (options: Intl.DateTimeFormatOptions, at: number): string => new Intl.DateTimeFormat(locale() === 'en' ? 'en-GB' : locale(), { timeZone: houseZone(), ...options }).format(at);

export function periodName({ range, from }: Period): string {
  if (range === 'day') return form({ weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' }, from);
  return range === 'month' ? form({ month: 'long', year: 'numeric' }, from) : form({ year: 'numeric' }, from);
}

/** Under a bar. */
export function slotLabel({ step }: Period, at: number): string {
  if (step === 'hour') return form({ hour: '2-digit', hourCycle: 'h23' }, at).replace(/\D+$/, '');
  return step === 'day' ? form({ day: 'numeric' }, at).replace(/\D+$/, '') : form({ month: 'short' }, at);
}

/** A bar in full. */
export function slotTitle({ step }: Period, at: number, end: number): string {
  const clock = (time: number): string => form({ hour: '2-digit', minute: '2-digit' }, time);
  if (step === 'hour') return t('energy.from_to', { from: clock(at), to: clock(end) });
  return step === 'day' ? form({ weekday: 'short', day: 'numeric', month: 'short' }, at) : form({ month: 'long', year: 'numeric' }, at);
}
