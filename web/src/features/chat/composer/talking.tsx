import { Suspense, useEffect } from "react";
import { useCommand } from "@/features/commands/registry";
import { TalkStrip } from "@/features/voice/talk/lazy-talk";
import { BEGUN, talkIn, useTalkScope } from "@/features/voice/talk/state";

interface TalkingProps {
  scope: string;
  inHouse: boolean;
  running: boolean | undefined;
  onSaid: (text: string) => void;
  onStop: (() => void) | undefined;
  /** Back to the words. */
  onEnd: () => void;
}

/** Talking without hands, where it is on; it goes along into the chat that its first message begins, and no further. */
export function Talking({ scope, inHouse, running, onSaid, onStop, onEnd }: TalkingProps) {
  const on = useTalkScope((state) => state.scope === scope || (state.scope === BEGUN && scope !== "new"));
  const end = () => {
    talkIn(null);
    onEnd();
  };
  useCommand("chat.talk", on ? end : () => talkIn(scope));
  useEffect(() => {
    if (on) talkIn(scope);
    return () => {
      if (useTalkScope.getState().scope === scope) talkIn(null);
    };
  }, [on, scope]);
  if (!on) return null;
  return (
    <Suspense>
      <TalkStrip
        key={scope}
        where={{ threadId: scope === "new" ? undefined : scope, inHouse }}
        answering={running ?? false}
        onSaid={(text) => {
          if (scope === "new") talkIn(BEGUN);
          onSaid(text);
        }}
        onInterrupt={() => {
          if (running) onStop?.();
        }}
        onClose={end}
      />
    </Suspense>
  );
}
