/** The round on the page: asked, streamed, voted on. */
import { useCallback, useEffect, useRef, useState } from "react";
import { openRound, playRound, vote } from "@/api/arena";
import type { ArenaEvent, ArenaRoundInfo, ArenaRoundNew, ArenaVote } from "@/api/types";

export type SideName = "a" | "b";

export interface Round {
  prompt: string;
  texts: Record<SideName, string>;
  done: Record<SideName, boolean>;
  /** What the server says of it, once it has ended. */
  info: ArenaRoundInfo | null;
  /** It was stopped, or its stream broke off: it does not count. */
  broken: boolean;
}

function begun(prompt: string): Round {
  return {
    prompt,
    texts: { a: "", b: "" },
    done: { a: false, b: false },
    info: null,
    broken: false,
  };
}

const ended = (info: ArenaRoundInfo): Round => ({
  prompt: info.prompt,
  texts: { a: info.a.text, b: info.b.text },
  done: { a: true, b: true },
  info,
  broken: false,
});

function after(round: Round, events: ArenaEvent[]): Round {
  let next = round;
  for (const event of events) {
    if (event.type === "text")
      next = { ...next, texts: { ...next.texts, [event.side]: next.texts[event.side] + event.text } };
    else if (event.type === "done") next = { ...next, done: { ...next.done, [event.side]: true } };
    else if (event.type === "end") next = ended(event.round);
  }
  return next;
}

export function useRound(report: (error: unknown) => void) {
  const [round, setRound] = useState<Round | null>(null);
  const running = useRef<AbortController>(undefined);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let here = true;
    openRound()
      .then((open) => {
        if (here && open) setRound((now) => now ?? ended(open));
      })
      .catch(() => undefined); // the page is whole without it, and what follows says why
    return () => {
      here = false;
      running.current?.abort();
    };
  }, []);

  const ask = useCallback(
    async (asked: ArenaRoundNew) => {
      running.current?.abort();
      const control = new AbortController();
      running.current = control;
      setBusy(true);
      setRound(begun(asked.prompt));
      const mine = (change: (now: Round) => Round | null) => {
        if (running.current === control) setRound((now) => now && change(now));
      };
      try {
        await playRound(asked, control.signal, (events) => mine((now) => after(now, events)));
        mine((now) => (now.info ? now : { ...now, broken: true }));
      } catch (error) {
        const aborted = error instanceof DOMException && error.name === "AbortError";
        mine((now) => (now.texts.a || now.texts.b || aborted ? { ...now, broken: true } : null));
        if (!aborted) report(error);
      } finally {
        if (running.current === control) setBusy(false);
      }
    },
    [report],
  );

  const give = useCallback(
    async (id: string, given: ArenaVote) => {
      try {
        const shown = ended(await vote(id, given));
        setRound((now) => (now?.info?.id === id ? shown : now)); // unless the next one was begun meanwhile
      } catch (error) {
        report(error);
      }
    },
    [report],
  );

  const stop = useCallback(() => running.current?.abort(), []);
  const clear = useCallback(() => setRound(null), []);
  return { round, busy, ask, stop, give, clear };
}
