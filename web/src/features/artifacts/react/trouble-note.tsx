import { useLingui } from "@lingui/react/macro";
import { CircleAlert, MessageSquareQuote } from "lucide-react";
import { Button } from "@/components/ui/button";
import { addToDraft, quoteInDraft } from "@/features/chat/composer/drafts";
import { focusComposer } from "@/features/chat/focus";
import { quoteOf } from "@/features/run/output";
import { closeArtifact, useArtifacts } from "../state";
import type { Trouble } from "./trouble";

/** What is wrong with a component, and how to go on: the model can be asked. */
export function TroubleNote({ trouble, threadId }: { trouble: Trouble; threadId: string }) {
  const { t } = useLingui();
  const { said, ask } = useWords(trouble);
  const detail = "message" in trouble ? trouble.message : "";
  const onAsk = () => {
    if (ask) addToDraft(threadId, ask);
    else quoteInDraft(threadId, quoteOf(detail, said));
    useArtifacts.setState({ wide: false });
    // where the panel lies over the chat
    if (matchMedia("(max-width: 64rem)").matches) closeArtifact();
    focusComposer();
  };
  return (
    <div className="artifact-trouble" role="alert">
      <CircleAlert className="i-14" />
      <div className="artifact-trouble-words">
        <p>{said}</p>
        {detail ? <pre>{detail}</pre> : null}
      </div>
      {trouble.kind === "unavailable" ? null : (
        <Button small onClick={onAsk}>
          <MessageSquareQuote className="i-14" />
          {ask ? t`Ask for another` : t`Ask about it`}
        </Button>
      )}
    </div>
  );
}

/** What stands in the note, and what the model is asked unless that is the error itself. */
function useWords(trouble: Trouble): { said: string; ask?: string } {
  const { t } = useLingui();
  const line = "line" in trouble ? trouble.line : undefined;
  switch (trouble.kind) {
    case "syntax":
      return {
        said: line ? t`The code cannot be read, see line ${line}` : t`The code cannot be read`,
      };
    case "failed":
      return {
        said: line ? t`The component failed in line ${line}` : t`The component failed`,
      };
    case "missing": {
      const names = trouble.names.join(", ");
      return {
        said: t`The component imports what is not available here: ${names}. There are react, react-dom and lucide-react; ask the model to write it in one file without the others.`,
        ask: t`Please write the component again, in one file and without ${names}. Only react, react-dom and lucide-react can be imported.`,
      };
    }
    case "nothing":
      return {
        said: t`The code exports no component, so there is nothing to show.`,
        ask: t`Please write the component again, as the default export of one file.`,
      };
    case "unavailable":
      return { said: t`What draws components could not be loaded. Reload the page and try again.` };
  }
}
