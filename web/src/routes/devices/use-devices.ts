// The devices while a page shows them: asked again now and then, so that the age of their answers is true.

import { useEffect } from 'preact/hooks';

import { useEvery } from '../../components/use-every.ts';
import { loadDevices } from '../../state/devices.ts';

// Measurements arrive by themselves; each question is a line in the audit log.
const EVERY_MS = 15_000;

/** Asks now and then again for as long as the component is shown. */
export function useFreshDevices(): void {
  useEffect(() => {
    void loadDevices();
  }, []);
  useEvery(EVERY_MS, () => void loadDevices());
}
