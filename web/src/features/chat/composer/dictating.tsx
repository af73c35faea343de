import { type RefObject, Suspense, useState } from "react";
import { useCommand } from "@/features/commands/registry";
import { DictationStrip } from "@/features/voice/dictation/lazy-strip";
import { changeDraft, useDrafts } from "./drafts";

export interface DictationSwitch {
  on: boolean;
  toggle: () => void;
}

/** Whether somebody dictates; the end goes back to the words. */
export function useDictationSwitch(area: RefObject<HTMLTextAreaElement | null>): DictationSwitch {
  const [on, setOn] = useState(false);
  const toggle = () => {
    setOn(!on);
    if (on) area.current?.focus();
  };
  useCommand("composer.dictate", toggle);
  return { on, toggle };
}

interface DictatingProps {
  dictation: DictationSwitch;
  scope: string;
  inHouse: boolean;
}

/** What is said comes behind what is written, to be looked at before it is sent. */
export function Dictating({ dictation: { on, toggle }, scope, inHouse }: DictatingProps) {
  if (!on) return null;
  const add = (said: string) => {
    const before = (useDrafts.getState().byScope[scope]?.text ?? "").trimEnd();
    const between =
      !before || before.endsWith("\n") || /\p{Script=Han}|[，。？！；：]$/u.test(before.slice(-1)) ? "" : " ";
    changeDraft(scope, { text: `${before}${between}${said}` });
    toggle();
  };
  return (
    <Suspense>
      <DictationStrip
        where={{ threadId: scope === "new" ? undefined : scope, inHouse }}
        onClose={toggle}
        onText={add}
      />
    </Suspense>
  );
}
