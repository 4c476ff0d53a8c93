// All keys of the dashboard, for Help and the `?` layer.

import { t, type Key } from '../text/text.ts';

type Row = readonly [readonly string[], Key];

const GROUPS: readonly (readonly [Key, readonly Row[]])[] = [
  [
    'keys.everywhere',
    [
      [['g h'], 'nav.home'],
      [['g c'], 'nav.cameras'],
      [['g t'], 'nav.timeline'],
      [['g v'], 'nav.visits'],
      [['/', 'g e'], 'nav.search'],
      [['g i'], 'nav.alerts'],
      [['g p'], 'nav.people'],
      [['g d'], 'nav.devices'],
      [['g w'], 'nav.energy'],
      [['g m'], 'nav.climate'],
      [['g l'], 'nav.alarm'],
      [['g r'], 'nav.rules'],
      [['g x'], 'nav.exports'],
      [['g u'], 'nav.security'],
      [['g b'], 'nav.assistant'],
      [['g k'], 'nav.review'],
      [['g s'], 'nav.settings'],
      [['g a'], 'nav.account'],
      [['Shift A'], 'keys.alarm'],
      [['Shift P'], 'privacy.title'],
      [['U'], 'action.undo'],
      [['?'], 'help.keys'],
      [['Esc'], 'keys.close'],
    ],
  ],
  [
    'keys.timeline',
    [
      [['Space', 'K'], 'keys.play'],
      [['J'], 'keys.back10'],
      [['L'], 'keys.speed'],
      [['←', '→'], 'keys.step5'],
      [['Shift ←', 'Shift →'], 'keys.step60'],
      [[',', '.'], 'keys.frame'],
      [['N', 'P'], 'keys.neighbour'],
      [['G'], 'keys.go'],
      [['[', ']'], 'keys.marks'],
      [['E'], 'keys.export'],
      [['B'], 'keys.hold'],
      [['+', '-', '0'], 'keys.zoom'],
      [['1–9'], 'keys.solo'],
      [['End'], 'keys.live'],
    ],
  ],
  [
    'nav.visits',
    [
      [['↑', '↓'], 'keys.rows'],
      [['Enter'], 'action.open'],
      [['S'], 'keys.seen'],
      [['H'], 'keys.keep'],
      [['W'], 'keys.who'],
      [['X'], 'keys.not_this'],
      [['Del'], 'keys.delete'],
    ],
  ],
  [
    'nav.search',
    [
      [['/'], 'keys.search_box'],
      [['↑', '↓'], 'keys.rows'],
      [['Enter'], 'action.open'],
    ],
  ],
  [
    'nav.alerts',
    [
      [['↑', '↓'], 'keys.rows'],
      [['Space'], 'keys.choose'],
      [['Enter'], 'action.open'],
    ],
  ],
  [
    'nav.review',
    [
      [['Enter'], 'keys.review_done'],
      [['S'], 'keys.review_skip'],
      [['U'], 'action.undo'],
      [['N'], 'keys.box_new'],
      [['1–9'], 'keys.box_label'],
      [['[', ']'], 'keys.box_next'],
      [['↑', '↓', '←', '→'], 'keys.box_move'],
      [['Shift ↑ ↓ ← →'], 'keys.box_size'],
      [['Del'], 'keys.box_delete'],
    ],
  ],
  [
    'keys.camera',
    [
      [['M'], 'keys.mute'],
      [['T'], 'keys.talk'],
      [['F'], 'keys.full'],
      [['B'], 'keys.hold'],
      [['←', '→'], 'keys.step5'],
      [['G'], 'keys.go'],
      [['End'], 'keys.live'],
    ],
  ],
];

export function KeyList() {
  return (
    <div class="key-groups">
      {GROUPS.map(([title, rows]) => (
        <section key={title}>
          <h3>{t(title)}</h3>
          <dl class="key-list">
            {rows.map(([keys, what]) => (
              <div key={what + keys.join()}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{t(what)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}
