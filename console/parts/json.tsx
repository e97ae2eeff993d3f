/** Something as JSON, which can be scrolled with the keys. @param label what it is */
export function AsText({ of, label }: { of: unknown; label: string }) {
  return (
    <pre tabIndex={0} aria-label={label}>
      {JSON.stringify(of, null, 2)}
    </pre>
  );
}
