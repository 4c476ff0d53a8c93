// Where the moment of something is: the time line of its camera, a little before. Pure.

const LEAD_MS = 2_000;

export const momentAddress = (camera: string, at: number): string => `/timeline?t=${new Date(at - LEAD_MS).toISOString()}&c=${camera}&z=10min`;
