import { Trans, useLingui } from "@lingui/react/macro";
import { RefreshCw } from "lucide-react";
import type { Message, Run } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useReport } from "@/features/errors/report";
import { ago } from "@/lib/ago";
import { regenerate } from "../actions";

/** Whether the answer was there before a model was asked. */
export function isReady(run: Run | null | undefined): boolean {
  const kind = run?.cached?.kind;
  return kind === "faq" || kind === "exact" || kind === "similar";
}

/** Says where such an answer comes from and how old it is; the model is one click away. */
export function ReadyNote({ message, busy }: { message: Message; busy: boolean }) {
  const { i18n } = useLingui();
  const report = useReport();
  const cached = message.run?.cached;
  if (!cached) return null;
  const when = ago(cached.made_at, i18n.locale);
  return (
    <p className="hint sm row wrap mt-2">
      {cached.kind === "faq" ? <Trans>Answered from the FAQ, edited {when}.</Trans> : null}
      {cached.kind === "exact" ? <Trans>Given to the same question before, {when}.</Trans> : null}
      {cached.kind === "similar" ? <Trans>Given to this question in other words, {when}.</Trans> : null}
      <Button small disabled={busy} onClick={() => void regenerate(message).catch(report)}>
        <RefreshCw className="i-14" />
        {cached.kind === "faq" ? <Trans>Ask the model instead</Trans> : <Trans>Ask again</Trans>}
      </Button>
    </p>
  );
}
