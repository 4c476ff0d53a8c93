// A draft on its way from a sentence to the editor. It is not kept: a reload begins anew.

import { signal } from '@preact/signals';

import type { Rule } from '../../api/rules.ts';

export const proposed = signal<Rule | null>(null);
