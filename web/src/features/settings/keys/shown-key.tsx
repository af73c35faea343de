import { Trans, useLingui } from "@lingui/react/macro";
import { Check, Copy, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { KeyShown } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { KeyCode } from "./key-code";

/** A secret, this once, with code that uses it. A click beside the dialog does not lose it; Escape and Done close. */
export function ShownKey({ shown: { key, secret }, onClose }: { shown: KeyShown; onClose: () => void }) {
  const { t } = useLingui();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    setCopied(true);
  };
  return (
    <Dialog
      open
      wide
      keep
      onOpenChange={onClose}
      title={<Trans>The key “{key.name}”</Trans>}
      footer={
        <Button variant={copied ? "primary" : "outline"} onClick={onClose}>
          <Trans>Done</Trans>
        </Button>
      }
    >
      <div className="note">
        <TriangleAlert />
        <span>
          <Trans>Copy it now: it is shown this once and kept nowhere.</Trans>
        </span>
      </div>
      <div className="key-row">
        <TextField
          label={t`API key`}
          className="mono-field"
          value={secret}
          readOnly
          spellCheck={false}
          data-1p-ignore=""
          onFocus={({ target }) => {
            target.select();
            // selecting scrolls to the key's end
            requestAnimationFrame(() => target.scrollTo({ left: 0 }));
          }}
        />
        <Button variant={copied ? "outline" : "primary"} onClick={() => void copy()}>
          {copied ? <Check /> : <Copy />}
          {copied ? <Trans>Copied</Trans> : <Trans>Copy</Trans>}
        </Button>
      </div>
      <KeyCode info={key} secret={secret} />
    </Dialog>
  );
}
