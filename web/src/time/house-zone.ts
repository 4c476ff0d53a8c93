// The zone in which the house lives: every time in the dashboard is shown and typed in it, wherever the reader is.

import { computed, signal } from '@preact/signals';

import { deviceZone, isZone } from './zone.ts';

const told = signal<string | null>(null);

/** Learns the zone from the hub; a name this browser does not know counts as none. */
export function setHouseZone(name: string | null | undefined): void {
  told.value = name && isZone(name) ? name : null;
}

/** The house's zone, or this device's if the house has told none. */
export const houseZone = (): string => told.value ?? deviceZone();

/** Whether clocks here show another time than at home; then both are shown where it matters. */
export const isAbroad = computed(() => told.value !== null && told.value !== deviceZone());
