// The power of a plug now: what the stream told last is newer than the answer about energy.

import type { PlugEnergy } from '../../api/energy.ts';
import { deviceOf } from '../../state/devices.ts';

/** The power that the device told last, which is newer than the page's own answer. */
export function powerOf(plug: PlugEnergy): { watts: number | null; asOf: string | null } {
  const device = deviceOf(plug.device);
  const reading = device?.readings.find((row) => row.key === 'power');
  if (device && device.state !== 'answering') return { watts: null, asOf: device.answered_at };
  return reading ? { watts: reading.value, asOf: reading.as_of } : { watts: plug.power_watts, asOf: plug.as_of };
}
