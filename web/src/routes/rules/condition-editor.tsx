// When: a tree of tests. Each line is a sentence of chips; a group says whether all of its lines count or one.

import type { Condition, Finding, TestKind, Vocabulary } from '../../api/rules.ts';
import { Icon } from '../../components/icon.tsx';
import { ChoiceChip } from '../../components/word-chip.tsx';
import { t } from '../../text/text.ts';
import { FindingNote } from './finding-note.tsx';
import { TestChips } from './test-chips.tsx';
import { DEPTH_SHOWN, added, grouped, groupKind, isGroup, negated, newTest, numberOf, partsOf, replaced, testCount, type GroupKind } from './tree.ts';

const TESTS: readonly TestKind[] = ['happens', 'hours', 'mode', 'device', 'reading', 'stays', 'count', 'absent'];

interface Properties {
  condition: Condition;
  vocabulary: Vocabulary;
  findings: readonly Finding[];
  onChange: (condition: Condition) => void;
}

export function ConditionEditor({ condition, vocabulary, findings, onChange }: Properties) {
  return (
    <div class="condition" data-testid="condition">
      {isGroup(condition) ? (
        <Group group={condition} vocabulary={vocabulary} findings={findings} first={0} depth={1} onChange={(next) => next && onChange(next)} />
      ) : (
        <>
          <ul class="condition-list">
            <Line part={condition} vocabulary={vocabulary} findings={findings} first={0} depth={1} isOnly onChange={(next) => next && onChange(next)} />
          </ul>
          <AddPart vocabulary={vocabulary} depth={1} add={(part) => onChange(added(condition, part))} />
        </>
      )}
    </div>
  );
}

interface PartProperties {
  vocabulary: Vocabulary;
  findings: readonly Finding[];
  /** The number of its first test in the whole. */
  first: number;
  depth: number;
  onChange: (next: Condition | null) => void;
}

function Group({ group, vocabulary, findings, first, depth, onChange }: PartProperties & { group: { all: Condition[] } | { any: Condition[] } }) {
  const parts = partsOf(group);
  const options: readonly [GroupKind, string][] = [['all', t('rule.all')], ['any', t('rule.any_of')]];
  return (
    <div class="condition-group" role="group" aria-label={t('rule.group')} data-kind={groupKind(group)}>
      <ChoiceChip label={t('rule.group_kind')} value={groupKind(group)} options={options} onChoose={(kind) => onChange(grouped(kind, parts))} testid="group-chip" />
      <ul class="condition-list">
        {parts.map((part, index) => (
          <Line key={index} part={part} vocabulary={vocabulary} findings={findings} first={numberOf(parts, index, first)} depth={depth} isOnly={depth === 1 && parts.length === 1} onChange={(next) => onChange(replaced(group, [index], next))} />
        ))}
      </ul>
      <AddPart vocabulary={vocabulary} depth={depth} add={(part) => onChange(added(group, part))} />
    </div>
  );
}

function Line({ part, vocabulary, findings, first, depth, isOnly, onChange }: PartProperties & { part: Condition; isOnly: boolean }) {
  const isNot = 'not' in part;
  const word = isNot ? t('word.not') : t('word.so');
  const inner = isNot ? part.not : part;
  const change = (next: Condition | null): void => onChange(next && isNot ? { not: next } : next);
  const isTest = !isGroup(inner) && !('not' in inner);
  const own = isTest ? findings.filter((finding) => finding.at === `when.${first}`) : [];
  return (
    <li class="condition-line" data-testid="condition-line">
      <div class="sentence">
        <button type="button" class="word-chip word-not" aria-pressed={isNot} aria-label={`${word}: ${t('rule.not')}`} onClick={() => onChange(negated(part))}>
          {word}
        </button>
        {isTest && <TestChips test={inner} vocabulary={vocabulary} onChange={change} />}
        {isTest ? null : <span class="muted small">{t('rule.parts', { n: testCount(inner) })}</span>}
        {!isOnly && (
          <button type="button" class="icon-button" aria-label={t('rule.remove_condition', { n: first + 1 })} title={t('rule.remove_condition', { n: first + 1 })} onClick={() => onChange(null)}>
            <Icon name="x" size={16} />
          </button>
        )}
      </div>
      {isGroup(inner) && <Group group={inner} vocabulary={vocabulary} findings={findings} first={first} depth={depth + 1} onChange={change} />}
      {'not' in inner && (
        <ul class="condition-list">
          <Line part={inner} vocabulary={vocabulary} findings={findings} first={first} depth={depth + 1} isOnly onChange={change} />
        </ul>
      )}
      {own.map((finding) => (
        <FindingNote key={finding.code} finding={finding} />
      ))}
    </li>
  );
}

function AddPart({ vocabulary, depth, add }: { vocabulary: Vocabulary; depth: number; add: (part: Condition) => void }) {
  const hasDevices = vocabulary.devices.length > 0;
  const kinds = TESTS.filter((kind) => hasDevices || (kind !== 'device' && kind !== 'reading'));
  const choose = (value: string): void => {
    if (value === 'all' || value === 'any') add(grouped(value, [newTest('happens', vocabulary)]));
    else if (value !== '') add(newTest(value as TestKind, vocabulary));
  };
  return (
    <select class="small-select add-part" aria-label={t('rule.add_condition')} value="" data-testid="condition-add" onChange={(event) => { choose(event.currentTarget.value); event.currentTarget.value = ''; }}>
      <option value="">{t('rule.add_condition')}</option>
      {kinds.map((kind) => (
        <option key={kind} value={kind}>
          {t(`test.${kind}`)}
        </option>
      ))}
      {depth < DEPTH_SHOWN && <option value="all">{t('test.all')}</option>}
      {depth < DEPTH_SHOWN && <option value="any">{t('test.any')}</option>}
    </select>
  );
}
