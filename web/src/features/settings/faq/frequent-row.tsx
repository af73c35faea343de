import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { PenLine, X } from "lucide-react";
import type { FrequentQuestion } from "@/api/types";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { ago } from "@/lib/ago";

interface FrequentRowProps {
  item: FrequentQuestion;
  onAnswer: () => void;
  onDismiss: () => void;
}

/** One question that many asked. */
export function FrequentRow({ item, onAnswer, onDismiss }: FrequentRowProps) {
  const { t, i18n } = useLingui();
  const { text, people, times } = item;
  return (
    <li>
      <span className="grow">
        <b className="break-words">{text}</b>
        <span className="hint sm">
          <Plural value={people} one="# person" other="# people" />
          {" · "}
          <Plural value={times} one="# time" other="# times" />
          {" · "}
          {ago(item.asked_at, i18n.locale)}
        </span>
      </span>
      <Button small onClick={onAnswer} aria-label={t`Write an answer: ${text}`}>
        <PenLine className="i-14" />
        <Trans>Answer</Trans>
      </Button>
      <IconButton label={t`Do not suggest: ${text}`} onClick={onDismiss}>
        <X />
      </IconButton>
    </li>
  );
}
