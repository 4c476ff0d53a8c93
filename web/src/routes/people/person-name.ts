// Names of people: what the hub accepts, and whom a typed name means. Pure.

const NAME_MAX = 64;

/** Any script, 1 to 64 characters, none that moves text around. */
export function isName(name: string): boolean {
  const trimmed = name.trim();
  return trimmed !== '' && [...trimmed].length <= NAME_MAX && !/\p{Cc}/u.test(trimmed);
}

const GROUP_NAME_MAX = 60;

/** A name of a group: shorter, since sentences of rules say it. */
export const isGroupName = (name: string): boolean => isName(name) && [...name.trim()].length <= GROUP_NAME_MAX;

/** The person that a typed name already means; case does not make two of one. */
export function personNamed<T extends { name: string }>(people: readonly T[], name: string): T | null {
  const wanted = name.trim().normalize('NFC').toLocaleLowerCase();
  return people.find((person) => person.name.normalize('NFC').toLocaleLowerCase() === wanted) ?? null;
}

/** Whether recognising is allowed right now. */
export const hasConsent = ({ state }: { state: string }): boolean => state === 'known' || state === 'no_samples';
