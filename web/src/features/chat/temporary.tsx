import { Trans, useLingui } from "@lingui/react/macro";
import { Hourglass } from "lucide-react";
import { patchThread } from "@/api/threads";
import type { Thread } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";

/** Whether the chat that begins here is to pass. */
export function TemporarySwitch({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }) {
  const { t } = useLingui();
  if (!on)
    return (
      <IconButton label={t`Make this chat temporary`} aria-pressed={false} onClick={() => onChange(true)}>
        <Hourglass />
      </IconButton>
    );
  return (
    <button
      type="button"
      className="pill pill-quiet"
      aria-pressed={true}
      title={t`Press to begin an ordinary chat.`}
      onClick={() => onChange(false)}
    >
      <Hourglass className="i-14" />
      <Trans>Temporary</Trans>
    </button>
  );
}

/** Stands over a temporary chat: until when it is there, and how to keep it. */
export function TemporaryNote({ thread }: { thread: Thread }) {
  const { t, i18n } = useLingui();
  const report = useReport();
  const { id, expires_at: until } = thread;
  const when = until
    ? i18n.date(new Date(until), { weekday: "short", hour: "numeric", minute: "2-digit" })
    : null;
  const keep = async () => {
    await patchThread(id, { state: "active" });
    toast(t`This chat is kept`);
  };
  return (
    <div className="note temporary-note">
      <Hourglass />
      <span className="grow">
        {when ? (
          <Trans>Temporary: it is deleted {when}.</Trans>
        ) : (
          <Trans>Temporary: it is deleted by itself.</Trans>
        )}
      </span>
      <Button small onClick={() => void keep().catch(report)}>
        <Trans>Keep this chat</Trans>
      </Button>
    </div>
  );
}
