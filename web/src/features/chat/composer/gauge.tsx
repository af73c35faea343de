import { useLingui } from "@lingui/react/macro";
import { count } from "@/lib/format";

const ROUND = 2 * Math.PI * 6.5;

/** How full the model's context is, as of the last answer. */
export function Gauge({ used, total }: { used: number; total: number }) {
  const { t, i18n } = useLingui();
  const part = Math.min(1, used / total);
  const percent = Math.round(part * 100);
  const size = count(i18n, total);
  const label = t`Context: ${percent}% of ${size} tokens`;
  return (
    <button type="button" className="gauge only-wide" aria-label={label} data-tip="top">
      <svg viewBox="0 0 16 16" fill="none" strokeWidth="2" aria-hidden="true">
        <circle cx="8" cy="8" r="6.5" stroke="var(--border-strong)" />
        <circle
          cx="8"
          cy="8"
          r="6.5"
          stroke={part > 0.85 ? "var(--warning)" : "var(--primary)"}
          strokeDasharray={`${part * ROUND} ${ROUND}`}
          strokeLinecap="round"
        />
      </svg>
      {percent}%
    </button>
  );
}
