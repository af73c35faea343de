import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { rotateKey } from "@/api/keys";
import type { KeyInfo, KeyShown } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Select } from "@/components/ui/select";
import { useReport } from "@/features/errors/report";

interface RotateDialogProps {
  info: KeyInfo;
  onClose: () => void;
  onShown: (shown: KeyShown) => void;
}

type Hours = "0" | "1" | "24" | "168" | "720";

/** A new secret for the same key, with time for the programs to take it over. */
export function RotateDialog({ info, onClose, onShown }: RotateDialogProps) {
  const { t } = useLingui();
  const report = useReport();
  const [hours, setHours] = useState<Hours>("24");
  const [busy, setBusy] = useState(false);
  const rotate = async () => {
    setBusy(true);
    try {
      onShown(await rotateKey(info.id, Number(hours)));
    } catch (error) {
      report(error);
      onClose();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={<Trans>Rotate {info.name}</Trans>}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="primary" disabled={busy} onClick={() => void rotate()}>
            <Trans>Rotate</Trans>
          </Button>
        </>
      }
    >
      <p className="quiet">
        <Trans>
          The key gets a new secret; what it may do, its limits and what it has spent stay. Choose how long
          the older secret works on while you put the new one in its place.
        </Trans>
      </p>
      <div>
        <span className="label" aria-hidden="true">
          <Trans>The older secret works on</Trans>
        </span>
        <Select
          label={t`The older secret works on`}
          value={hours}
          onChange={setHours}
          options={[
            { value: "0", label: t`not at all` },
            { value: "1", label: t`for an hour` },
            { value: "24", label: t`for a day` },
            { value: "168", label: t`for a week` },
            { value: "720", label: t`for 30 days` },
          ]}
        />
      </div>
    </Dialog>
  );
}
