import { Trans, useLingui } from "@lingui/react/macro";
import { endSession, useSessions } from "@/api/session";
import { Button } from "@/components/ui/button";
import { useReport } from "@/features/errors/report";
import { activeLocale } from "@/i18n";
import { ago } from "@/lib/ago";
import { device } from "../format";
import { Loaded } from "../page";

/** Where one is signed in; each but this one can be ended. */
export function Sessions() {
  const { t } = useLingui();
  const report = useReport();
  const sessions = useSessions();
  return (
    <section aria-labelledby="sessions-title">
      <div className="section-head">
        <h2 id="sessions-title">
          <Trans>Signed in on</Trans>
        </h2>
      </div>
      <Loaded query={sessions}>
        {(items) => (
          <ul className="card rows">
            {items.map((item) => {
              const name = device(item.user_agent);
              const seen = ago(item.last_seen_at, activeLocale());
              return (
                <li key={item.id}>
                  <span className="grow">
                    <b title={item.user_agent}>{name}</b>
                    <span className="hint sm">
                      {item.ip_address} · {seen}
                    </span>
                  </span>
                  {item.current ? (
                    <span className="hint sm">
                      <Trans>this one</Trans>
                    </span>
                  ) : (
                    <Button
                      small
                      variant="ghost"
                      aria-label={t`End the session on ${name}, ${item.ip_address}`}
                      onClick={() => void endSession(item.id).catch(report)}
                    >
                      <Trans>End</Trans>
                    </Button>
                  )}
                </li>
              );
            })}
          </ul>
        )}
      </Loaded>
    </section>
  );
}
