import "@/styles/settings.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { LockOpen } from "lucide-react";
import type { ReactNode } from "react";
import { useBootstrap } from "@/api/bootstrap";
import { Mark } from "@/components/ui/mark";
import { activate, activeLocale, LOCALES, rememberLocale } from "@/i18n";

/** The quiet page in front of the house: a mark, a title, one form. */
export function Door({ title, lead, children }: { title: ReactNode; lead?: ReactNode; children: ReactNode }) {
  const { plain_http: plain, name } = useBootstrap();
  return (
    <div className="door scroll">
      <title>Freehold</title>
      {plain ? <PlainHttpNote /> : null}
      <main className="door-room" id="main">
        <Mark className="door-mark" />
        <p className="door-name serif">{name}</p>
        <h1 className="serif">{title}</h1>
        {lead ? <p className="door-lead">{lead}</p> : null}
        {children}
      </main>
      <LanguageLinks />
    </div>
  );
}

function PlainHttpNote() {
  return (
    <aside className="note door-note">
      <LockOpen />
      <span>
        <Trans>
          This connection is not encrypted. Anyone on this network can read along, passwords included.
        </Trans>
      </span>
    </aside>
  );
}

function LanguageLinks() {
  const { t } = useLingui();
  return (
    <nav className="door-foot" aria-label={t`Language`}>
      {LOCALES.map(({ value, name }) => (
        <button
          key={value}
          type="button"
          lang={value}
          aria-pressed={activeLocale() === value}
          onClick={() => {
            rememberLocale(value);
            void activate(value);
          }}
        >
          {name}
        </button>
      ))}
    </nav>
  );
}
