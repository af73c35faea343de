import { Trans, useLingui } from "@lingui/react/macro";
import { Lock, LockOpen } from "lucide-react";
import { IconButton } from "@/components/ui/icon-button";

/** Whether a chat is kept in the house; the server holds to it. */
export function HouseLock({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }) {
  const { t } = useLingui();
  if (!on)
    return (
      <IconButton label={t`Keep this chat in the house`} aria-pressed={false} onClick={() => onChange(true)}>
        <LockOpen />
      </IconButton>
    );
  return (
    <button
      type="button"
      className="pill pill-in"
      aria-pressed={true}
      title={t`Nothing in this chat leaves this server, titles and tools included. Press to let it out again.`}
      onClick={() => onChange(false)}
    >
      <Lock className="i-14" />
      <Trans>Kept in the house</Trans>
    </button>
  );
}
