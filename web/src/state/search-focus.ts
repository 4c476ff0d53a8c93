// `/` on any page goes to the search page and into its box, which is not there yet when the key is pressed.

import { signal } from '@preact/signals';

/** True until the box has taken the focus. */
export const wantsSearch = signal(false);
