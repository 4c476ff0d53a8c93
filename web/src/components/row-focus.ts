// Arrow keys walk the rows of a list: focus goes to the next control that matches, or the one before.

export function focusRow(selector: string, row: string, step: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>(selector)];
  const here = document.activeElement?.closest(row);
  const at = all.findIndex((control) => here !== null && here !== undefined && here.contains(control));
  all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))]?.focus();
}
