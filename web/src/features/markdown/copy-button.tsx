import { useLingui } from "@lingui/react/macro";
import { Check, Copy } from "lucide-react";
import { type ReactNode, useState } from "react";
import { IconButton } from "@/components/ui/icon-button";

/** Copies what `content` returns; shows a check for two seconds. */
export function CopyButton({
  label,
  content,
  onCopied,
  className,
  icon,
}: {
  label: string;
  content: () => ClipboardItem | string;
  onCopied?: () => void;
  className?: string;
  icon?: ReactNode;
}) {
  const { t } = useLingui();
  const [done, setDone] = useState(false);
  const copy = async () => {
    const what = content();
    if (typeof what === "string") await navigator.clipboard.writeText(what);
    else await navigator.clipboard.write([what]);
    onCopied?.();
    setDone(true);
    window.setTimeout(() => setDone(false), 2000);
  };
  return (
    <IconButton label={done ? t`Copied` : label} className={className} onClick={() => void copy()}>
      {done ? <Check className="i-14" /> : (icon ?? <Copy className="i-14" />)}
    </IconButton>
  );
}
