import { Trans, useLingui } from "@lingui/react/macro";
import { Sparkles } from "lucide-react";
import { findModel, useModels } from "@/api/models";
import type { Message } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useReport } from "@/features/errors/report";
import { regenerate } from "../actions";
import { useCheckWords } from "./route-words";

interface BetterAnswerProps {
  message: Message;
  busy: boolean;
}

/** Below an answer of the house that is not good enough: the better model, one click away. */
export function BetterAnswer({ message, busy }: BetterAnswerProps) {
  const { t } = useLingui();
  const report = useReport();
  const words = useCheckWords();
  const { data } = useModels();
  const cascade = message.run?.route?.cascade;
  const better = cascade?.better;
  if (!cascade?.better_answer || !better) return null;
  const name = findModel(data, better)?.name ?? better.slice(better.indexOf("/") + 1);
  const why = words(cascade) ?? t`This answer may not be good enough.`;
  return (
    <p className="hint sm row wrap mt-2">
      {why}
      <Button small disabled={busy} onClick={() => void regenerate(message, better).catch(report)}>
        <Sparkles className="i-14" />
        <Trans>Ask {name}</Trans>
      </Button>
    </p>
  );
}
