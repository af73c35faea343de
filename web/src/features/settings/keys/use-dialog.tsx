import { Trans } from "@lingui/react/macro";
import type { KeyInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { KeyCode } from "./key-code";

/** Code for a key whose secret is not here any more. */
export function UseDialog({ info, onClose }: { info: KeyInfo; onClose: () => void }) {
  const placeholder = `${info.secrets[0]?.start ?? "fh"}_your_key`; // ASCII: SDKs fail on any other header
  return (
    <Dialog
      open
      wide
      onOpenChange={onClose}
      title={<Trans>How to use {info.name}</Trans>}
      footer={
        <Button onClick={onClose}>
          <Trans>Close</Trans>
        </Button>
      }
    >
      <p className="quiet">
        <Trans>
          Put the whole key in the place of <span className="mono">{placeholder}</span>; it was shown when it
          was made.
        </Trans>
      </p>
      <KeyCode info={info} secret={placeholder} />
    </Dialog>
  );
}
