import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Popover } from "@/components/ui/popover";
import { count } from "@/lib/format";
import type { Filled } from "./context";

const ROUND = 2 * Math.PI * 6.5;
/** From here on it is shown on a phone, too. */
const NARROW = 0.85;

/** How full the model's context is with this message; a press tells of what. */
export function Gauge({ filled, total }: { filled: Filled; total: number }) {
  const { t, i18n } = useLingui();
  const part = Math.min(1, filled.part);
  const percent = Math.round(part * 100);
  const size = count(i18n, total);
  const label = t`Context: ${percent}% of ${size} tokens`;
  const narrow = part > NARROW;
  return (
    <Popover
      label={t`Context`}
      className="context"
      align="end"
      trigger={
        <button
          type="button"
          className={narrow ? "gauge" : "gauge only-wide"}
          aria-label={label}
          data-tip="top"
        >
          <svg viewBox="0 0 16 16" fill="none" strokeWidth="2" aria-hidden="true">
            <circle cx="8" cy="8" r="6.5" stroke="var(--border-strong)" />
            <circle
              cx="8"
              cy="8"
              r="6.5"
              stroke={narrow ? "var(--warning)" : "var(--primary)"}
              strokeDasharray={`${part * ROUND} ${ROUND}`}
              strokeLinecap="round"
            />
          </svg>
          {percent}%
        </button>
      }
    >
      <h2>{label}</h2>
      <dl className="facts">
        <Line name={<Trans>System prompt</Trans>} tokens={filled.system} />
        <Line name={<Trans>This chat so far</Trans>} tokens={filled.history} />
        <Line name={<Trans>This message</Trans>} tokens={filled.message} />
        <Line name={<Trans>Kept free for the answer</Trans>} tokens={filled.answer} />
      </dl>
      <p className="hint sm">
        {filled.part * total + filled.answer > total ? (
          <Trans>It is full: the oldest messages are not sent any more. They stay in the chat.</Trans>
        ) : (
          <Trans>
            What is not sent yet is estimated. When it is full, the oldest messages are left out first.
          </Trans>
        )}
      </p>
    </Popover>
  );
}

function Line({ name, tokens }: { name: ReactNode; tokens: number }) {
  const { i18n } = useLingui();
  if (tokens === 0) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd className="tabular-nums">{count(i18n, tokens)}</dd>
    </div>
  );
}
