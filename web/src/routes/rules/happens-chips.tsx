// What happens, as words of a sentence: who or what, does what, where, and the rest in a menu.

import { DIRECTIONS, type Direction, type Happens, type Thing, type Vocabulary, type Who } from '../../api/rules.ts';
import { ChoiceChip, ManyChip, MenuChip } from '../../components/word-chip.tsx';
import { t, tCode } from '../../text/text.ts';
import { OTHER_KINDS, VERBS, verbOf, verbWords, type Verb } from './words.ts';

interface Properties {
  of: Happens;
  vocabulary: Vocabulary;
  onChange: (of: Happens) => void;
  /** What stays is an activity: it has no other verb. */
  isActivity?: boolean;
}

// Steps that people tell apart.
const SURE = [50, 60, 70, 80, 90] as const;
const NOTICED = ['motion', 'person', 'vehicle', 'animal', 'contact', 'tamper'] as const;

/** A list that is empty is left out, as the hub writes it. */
const listed = <K extends keyof Happens>(of: Happens, key: K, list: string[]): Happens => {
  const { [key]: _, ...rest } = of;
  return list.length === 0 ? rest : { ...rest, [key]: list };
};

export function HappensChips({ of, vocabulary, onChange, isActivity = false }: Properties) {
  const kinds = of.kinds ?? [];
  const verb = isActivity ? 'seen' : verbOf(kinds);
  const isDevice = kinds.some((kind) => kind.startsWith('device_'));
  const takesWho = verb === 'visit' || verb === 'anything' || Boolean(of.who);
  const takesLabels = verb === 'seen' || verb === 'gone' || (of.labels ?? []).length > 0;
  return (
    <>
      {takesWho && <WhoChips of={of} vocabulary={vocabulary} onChange={onChange} />}
      {takesLabels && <ManyChip label={t('rule.what')} none={t('rule.anything')} options={vocabulary.labels.map((label) => [label, tCode('label', label)])} chosen={of.labels ?? []} onChange={(labels) => onChange(listed(of, 'labels', labels))} testid="labels-chip" />}
      {!isActivity && <VerbChip kinds={kinds} onChange={(next) => onChange(listed(of, 'kinds', [...next]))} />}
      {!isDevice && <ManyChip label={t('rule.cameras')} none={t('rule.any_camera')} options={vocabulary.cameras.map(({ id, name }) => [id, name])} chosen={of.cameras ?? []} onChange={(cameras) => onChange(listed(of, 'cameras', cameras))} testid="cameras-chip" />}
      {(isDevice || (of.devices ?? []).length > 0) && <ManyChip label={t('rule.devices')} none={t('rule.any_device')} options={vocabulary.devices.map(({ id, name }) => [id, name])} chosen={of.devices ?? []} onChange={(devices) => onChange(listed(of, 'devices', devices))} />}
      {(kinds.includes('device_noticed') || (of.what ?? []).length > 0) && <ManyChip label={t('rule.noticed')} none={t('rule.anything')} options={NOTICED.map((what) => [what, tCode('label', what)])} chosen={of.what ?? []} onChange={(what) => onChange(listed(of, 'what', what))} />}
      <More of={of} vocabulary={vocabulary} onChange={onChange} isSeen={verb === 'seen' || verb === 'gone'} />
    </>
  );
}

function VerbChip({ kinds, onChange }: { kinds: readonly string[]; onChange: (kinds: readonly string[]) => void }) {
  const verbs = Object.keys(VERBS) as Verb[];
  const current = verbOf(kinds) ?? (kinds.length === 1 ? kinds[0] ?? '' : kinds.join());
  const other: readonly string[] = OTHER_KINDS;
  const options: [string, string][] = [...verbs.map((verb): [string, string] => [verb, t(`verb.${verb}`)]), ...OTHER_KINDS.map((kind): [string, string] => [kind, kind === 'house_privacy_changed' ? t('verb.privacy') : tCode('kind', kind)])];
  if (!verbs.includes(current as Verb) && !other.includes(current)) options.push([current, verbWords(kinds)]);
  const choose = (next: string): void => {
    if (next !== current) onChange(next in VERBS ? VERBS[next as Verb] : [next]);
  };
  return <ChoiceChip label={t('rule.verb')} value={current} options={options} onChoose={choose} testid="verb-chip" />;
}

function WhoChips({ of, vocabulary, onChange }: Omit<Properties, 'isActivity'>) {
  const { who, ...rest } = of;
  const current = !who ? 'anybody' : typeof who === 'string' ? who : 'people' in who ? 'people' : 'group';
  const options: [string, string][] = (['anybody', 'stranger', 'known', 'face_hidden'] as const).map((one) => [one, t(`who.${one}`)]);
  if (vocabulary.people.length > 0 || current === 'people') options.push(['people', t('who.people')]);
  const groups = vocabulary.groups ?? [];
  if (groups.length > 0 || current === 'group') options.push(['group', t('who.group')]);
  const [first] = vocabulary.people;
  const [firstGroup] = groups;
  const choose = (next: string): void => {
    if (next === 'anybody') onChange(rest);
    else if (next === 'people') onChange({ ...rest, who: { people: first ? [first.id] : [] } });
    else if (next !== 'group') onChange({ ...rest, who: next as Extract<Who, string> });
    else if (firstGroup) onChange({ ...rest, who: { group: firstGroup.id } });
  };
  return (
    <>
      <ChoiceChip label={t('rule.who')} value={current} options={options} onChoose={choose} testid="who-chip" />
      {who && typeof who === 'object' && 'people' in who && (
        <ManyChip label={t('who.people')} none={t('chip.choose')} options={vocabulary.people.map(({ id, name }) => [id, name])} chosen={who.people} onChange={(people) => onChange(people.length === 0 ? rest : { ...rest, who: { people } })} />
      )}
      {who && typeof who === 'object' && 'group' in who && <ChoiceChip label={t('rule.group_of_people')} value={who.group} options={groupOptions(groups, who.group)} onChoose={(group) => onChange({ ...rest, who: { group } })} testid="people-group-chip" />}
    </>
  );
}

/** One that was removed meanwhile stays in the list, so that it is seen. */
const groupOptions = (groups: readonly Thing[], chosen: string): [string, string][] => [...groups.map(({ id, name }): [string, string] => [id, name]), ...(groups.some(({ id }) => id === chosen) ? [] : [[chosen, t('chip.gone')] as [string, string]])];

/** When something begins or is gone nobody says where it goes. */
const tellsWays = ({ kinds = [] }: Happens): boolean => kinds.length === 0 || kinds.includes('activity_recognized');

/** What few rules need. */
function More({ of, vocabulary, onChange, isSeen }: Omit<Properties, 'isActivity'> & { isSeen: boolean }) {
  const at = of.cameras ?? [];
  const zones = vocabulary.cameras.filter((camera) => at.length === 0 || at.includes(camera.id)).flatMap((camera) => (camera.parts ?? []).filter((part) => part.kind !== 'preset'));
  const details = of.details ?? [];
  const set = [
    ...(of.zones ?? []).map((id) => zones.find((zone) => zone.id === id)?.name ?? t('chip.gone')),
    ...(of.direction ? [t(`direction.${of.direction}`)] : []),
    ...(of.confidence_min ? [t('rule.sure', { percent: of.confidence_min })] : []),
    ...details.map((one) => `${one.detail} …`),
  ];
  if (!isSeen && set.length === 0) return null;
  const { direction, confidence_min: sure, ...rest } = of;
  const sureOptions: [string, string][] = [['', t('rule.any')], ...[...new Set([...SURE, ...(sure ? [sure] : [])])].sort((a, b) => a - b).map((percent): [string, string] => [String(percent), t('rule.sure', { percent })])];
  return (
    <MenuChip label={t('rule.more')} text={set.length === 0 ? '…' : set.join(', ')}>
      {zones.map((zone) => (
        <label key={zone.id} class="check" dir="auto">
          <input type="checkbox" checked={(of.zones ?? []).includes(zone.id)} onChange={(event) => onChange(listed(of, 'zones', event.currentTarget.checked ? [...(of.zones ?? []), zone.id] : (of.zones ?? []).filter((one) => one !== zone.id)))} />
          {t('rule.in_zone', { zone: zone.name })}
        </label>
      ))}
      {(direction || (isSeen && tellsWays(of))) && (
        <label class="menu-field">
          <span>{t('rule.direction')}</span>
          <select class="small-select" value={direction ?? ''} onChange={(event) => onChange({ ...rest, ...(sure ? { confidence_min: sure } : {}), ...(event.currentTarget.value === '' ? {} : { direction: event.currentTarget.value as Direction }) })}>
            <option value="">{t('rule.any')}</option>
            {DIRECTIONS.map((one) => (
              <option key={one} value={one}>
                {t(`direction.${one}`)}
              </option>
            ))}
          </select>
        </label>
      )}
      <label class="menu-field">
        <span>{t('rule.confidence')}</span>
        <select class="small-select" value={sure ? String(sure) : ''} onChange={(event) => onChange({ ...rest, ...(direction ? { direction } : {}), ...(event.currentTarget.value === '' ? {} : { confidence_min: Number(event.currentTarget.value) }) })}>
          {sureOptions.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {details.map((one, index) => (
        <p key={index} class="row small">
          <span class="grow code">
            {one.detail} {JSON.stringify(one.is)}
          </span>
          <button type="button" class="button" onClick={() => onChange({ ...of, details: details.filter((_, place) => place !== index) })}>
            {t('action.remove')}
          </button>
        </p>
      ))}
    </MenuChip>
  );
}
