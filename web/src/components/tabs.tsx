// Sections of a page as links, so that each has an address.

export function Tabs({ label, rows }: { label: string; rows: readonly { path: string; text: string; current: boolean }[] }) {
  return (
    <nav class="tabs" aria-label={label}>
      {rows.map((row) => (
        <a key={row.path} href={row.path} aria-current={row.current ? 'page' : undefined}>
          {row.text}
        </a>
      ))}
    </nav>
  );
}
