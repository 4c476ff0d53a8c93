// The devices while a page shows them: asked again every few seconds, so that the age of their answers is true.

import { useEffect } from 'preact/hooks';

import { useEvery } from '../../components/use-every.ts';
import { loadDevices } from '../../state/devices.ts';

const EVERY_MS = 5_000;

/** Asks now and then again for as long as the component is shown. */
export function useFreshDevices(): void {
  useEffect(() => {
    void loadDevices();
  }, []);
  useEvery(EVERY_MS, () => void loadDevices());
}
