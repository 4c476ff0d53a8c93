// The numbers of a chart as a table, for those who read better than they see, and as a file.

import { useState } from 'preact/hooks';

import { Icon } from '../components/icon.tsx';
import { saveText } from '../export/save.ts';
import { t } from '../text/text.ts';
import { csv } from './csv.ts';

interface Properties {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** The same as plain numbers, for the file. */
  raw: readonly (readonly (string | number | null)[])[];
  file: string;
}

// More rows than anybody reads make the page slow; the file has all of them.
const ROWS_MAX = 500;

export function DataTable({ caption, head, rows, raw, file }: Properties) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="more data-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('chart.table')}</summary>
      {isOpen && (
        <>
          <div class="table-scroll" tabIndex={0} role="group" aria-label={caption}>
            <table class="numbers">
              <caption class="visually-hidden">{caption}</caption>
              <thead>
                <tr>
                  {head.map((name, index) => (
                    <th key={index} scope="col" dir="auto">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.slice(-ROWS_MAX).map((row, index) => (
                  <tr key={index}>
                    {row.map((cell, at) => (at === 0 ? <th key={at} scope="row">{cell}</th> : <td key={at}>{cell}</td>))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {rows.length > ROWS_MAX && <p class="muted small">{t('chart.last', { n: ROWS_MAX, all: rows.length })}</p>}
          <button type="button" class="button" onClick={() => saveText(csv([head, ...raw]), file)}>
            <Icon name="download" />
            {t('chart.csv')}
          </button>
        </>
      )}
    </details>
  );
}
