import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { LockKeyhole, RefreshCw, X } from "lucide-react";
import { revokeShare, updateShare, useShares } from "@/api/shares";
import type { ShareInfo } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { Loaded } from "@/features/settings/page";

/** One's own links, each with an end. */
export function ShareList() {
  const query = useShares();
  return (
    <Loaded query={query} bones={[60]}>
      {({ enabled, items }) => (
        <>
          {enabled ? null : (
            <p className="quiet">
              <Trans>An administrator has turned sharing off on this server.</Trans>
            </p>
          )}
          {items.length > 0 ? (
            <ul className="card rows moving-rows">
              {items.map((share) => (
                <Row key={share.id} share={share} />
              ))}
            </ul>
          ) : (
            <p className="quiet">
              <Trans>No link leads to a chat of yours. Share one by its menu.</Trans>
            </p>
          )}
        </>
      )}
    </Loaded>
  );
}

function Row({ share }: { share: ShareInfo }) {
  const { t, i18n } = useLingui();
  const report = useReport();
  const { messages } = share;
  const title = share.title || t`Chat without a title`;
  const day = (moment: string) => i18n.date(moment, { dateStyle: "medium" });
  const made = day(share.updated_at);
  const ends = share.expires_at ? day(share.expires_at) : null;
  const over = share.expires_at !== null && Date.parse(share.expires_at) <= Date.now();
  const update = async () => {
    await updateShare(share.id);
    toast(t`The link now shows the chat as it is`);
  };
  return (
    <li>
      <span className="grow">
        <Link to="/c/$threadId" params={{ threadId: share.thread_id }}>
          {title}
        </Link>
        <span className="quiet moving-small">
          {share.of == null ? (
            <Plural value={messages} one="# message" other="# messages" />
          ) : (
            <Plural value={share.of} one={`${messages} of # message`} other={`${messages} of # messages`} />
          )}
          {" · "}
          <Trans>as of {made}</Trans>
          {" · "}
          {over ? <Trans>ended</Trans> : ends ? <Trans>until {ends}</Trans> : <Trans>without an end</Trans>}
        </span>
      </span>
      {share.has_password ? <LockKeyhole className="i-14 quiet" aria-label={t`With a password`} /> : null}
      <IconButton label={t`Show “${title}” as it is now`} onClick={() => void update().catch(report)}>
        <RefreshCw className="i-14" />
      </IconButton>
      <IconButton
        label={t`Revoke the link to “${title}”`}
        onClick={() => void revokeShare(share.id).catch(report)}
      >
        <X className="i-14" />
      </IconButton>
    </li>
  );
}
