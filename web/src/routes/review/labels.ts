// What a box can be called, by the keys 1 to 9. They are names that the model knows. Pure.

export const REVIEW_LABELS = ['person', 'car', 'truck', 'bicycle', 'cat', 'dog', 'bird', 'motorcycle', 'bus'] as const;

/** The label of the key, or null. */
export const labelOfKey = (key: string): string | null => REVIEW_LABELS[Number(key) - 1] ?? null;
