// Hands something that is in the page to the browser's downloads.

// The browser needs the address until it has begun to write.
const KEEP_MS = 60_000;

export function saveBlob(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS);
}

/** A document of the hub as a file for people who look at it elsewhere. */
export const saveJson = (content: unknown, name: string): void => saveBlob(new Blob([JSON.stringify(content, null, 2)], { type: 'application/json' }), name);

export const saveText = (text: string, name: string): void => saveBlob(new Blob([text], { type: 'text/plain' }), name);
