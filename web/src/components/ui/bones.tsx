/** Bars of paper where a list will be. `widths` in percent, one per row. */
export function Bones({ widths = [72, 54, 64], className = "" }: { widths?: number[]; className?: string }) {
  return (
    <div className={`bones ${className}`} aria-hidden="true">
      {widths.map((width, index) => (
        <i key={index} style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
