import { useLingui } from "@lingui/react/macro";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { Message } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { useReport } from "@/features/errors/report";
import { showBranch } from "../actions";
import { focusMessage } from "../focus";

/** `‹ 2/3 ›`: the versions of a message. */
export function Branch({ message, siblings }: { message: Message; siblings: Message[] }) {
  const { t } = useLingui();
  const report = useReport();
  if (siblings.length < 2) return null;
  const at = siblings.findIndex((item) => item.id === message.id);
  const go = (step: number) => {
    const target = siblings[at + step];
    if (!target) return;
    focusMessage(target.id, step < 0 ? "previous" : "next");
    showBranch(message.thread_id, target.id).catch(report);
  };
  const own = message.role === "user";
  const place = `${at + 1}/${siblings.length}`;
  return (
    <div className="branch" role="group" aria-label={own ? t`Version ${place}` : t`Answer ${place}`}>
      <IconButton
        label={own ? t`Previous version` : t`Previous answer`}
        data-control="previous"
        aria-disabled={at === 0}
        onClick={() => go(-1)}
      >
        <ChevronLeft className="i-14" />
      </IconButton>
      {place}
      <IconButton
        label={own ? t`Next version` : t`Next answer`}
        data-control="next"
        aria-disabled={at === siblings.length - 1}
        onClick={() => go(1)}
      >
        <ChevronRight className="i-14" />
      </IconButton>
    </div>
  );
}
