// English words of notifications.

export const enNotify = {} as const;
