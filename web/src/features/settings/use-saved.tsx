import { Trans } from "@lingui/react/macro";
import { Check } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { useReport } from "@/features/errors/report";

const SHOWN_MS = 4000;

/** For settings that save themselves: runs the save, and gives the word that says so. */
export function useSaved(): [note: ReactNode, save: (work: Promise<unknown>) => Promise<boolean>] {
  const report = useReport();
  const [state, setState] = useState<"idle" | "saving" | "saved">("idle");
  const timer = useRef(0);
  const latest = useRef<Promise<unknown>>(undefined);
  const save = async (work: Promise<unknown>) => {
    window.clearTimeout(timer.current);
    latest.current = work;
    setState("saving");
    try {
      await work;
    } catch (error) {
      setState("idle");
      report(error);
      return false;
    }
    // the word is about all that was chosen
    if (latest.current !== work) return true;
    setState("saved");
    timer.current = window.setTimeout(() => setState("idle"), SHOWN_MS);
    return true;
  };
  const note = (
    <span className="saved" role="status">
      {state === "saved" ? (
        <span className="ok">
          <Check className="i-14" />
          <Trans>Saved</Trans>
        </span>
      ) : state === "saving" ? (
        <span className="hint sm">
          <Trans>Saving</Trans>
        </span>
      ) : null}
    </span>
  );
  return [note, save];
}
