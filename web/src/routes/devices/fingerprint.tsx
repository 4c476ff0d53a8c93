// A fingerprint in pairs that can be compared; lines end between pairs.

import { Fragment } from 'preact';

import { fingerprintText } from './words.ts';

export function Fingerprint({ of, testid }: { of: string; testid?: string }) {
  return (
    <p class="code fingerprint" data-testid={testid}>
      {fingerprintText(of).split(':').map((pair, index) => (
        <Fragment key={index}>
          {index > 0 && (
            <>
              :<wbr />
            </>
          )}
          {pair}
        </Fragment>
      ))}
    </p>
  );
}
