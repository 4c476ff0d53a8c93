// All alerts, kept by the stream of facts. While somebody points into the list or has focus in it, new ones wait.

import { useEffect, useState } from 'preact/hooks';

import { incidents, type Incident } from '../../api/incidents.ts';
import { useHold, type HoldHandlers } from '../../components/use-hold.ts';
import { missed, onEvent } from '../../state/contact.ts';

// An incident that repeats comes in bursts.
const AFTER_FACT_MS = 300;

export interface AlertList {
  state: 'loading' | 'ready' | 'error';
  list: Incident[];
  error: unknown;
  /** How many are new and not shown yet. */
  waiting: number;
  showWaiting: () => void;
  again: () => void;
  /** For the element around the list. */
  hold: HoldHandlers;
}

type Data = Pick<AlertList, 'state' | 'list' | 'error'>;

export function useAlerts(): AlertList {
  const [data, setData] = useState<Data>({ state: 'loading', list: [], error: null });
  const [known, setKnown] = useState<ReadonlySet<string>>(new Set());
  const showWaiting = (): void => setKnown(new Set(data.list.map((incident) => incident.id)));
  const { isHeld, hold } = useHold(showWaiting);
  const load = (): void => {
    incidents.list().then(
      (list) => {
        setData({ state: 'ready', list, error: null });
        setKnown((before) => (isHeld() && before.size > 0 ? before : new Set(list.map((incident) => incident.id))));
      },
      (error: unknown) => setData((before) => ({ ...before, state: 'error', error })),
    );
  };
  const gone = missed.value;
  useEffect(load, [gone]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onEvent((event) => {
      if (!event.kind.startsWith('incident_')) return;
      clearTimeout(timer);
      timer = setTimeout(load, AFTER_FACT_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
  const list = data.list.filter((incident) => known.has(incident.id));
  return {
    ...data,
    list,
    waiting: data.list.length - list.length,
    showWaiting,
    again: load,
    hold,
  };
}
