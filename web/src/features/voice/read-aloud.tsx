import { useLingui } from "@lingui/react/macro";
import { LoaderCircle, Pause, Play, Square, Volume2 } from "lucide-react";
import { useEffect } from "react";
import type { Message } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { useReading } from "./reading";

const player = () => import("./player");

interface ReadAloudProps {
  message: Message;
  text: string;
  inHouse: boolean;
}

/** Reads an answer aloud, pauses, goes on, stops. */
export function ReadAloud({ message, text, inHouse }: ReadAloudProps) {
  const { t } = useLingui();
  const report = useReport();
  const state = useReading(({ reading }) => (reading?.id === message.id ? reading.state : null));
  const read = async () => {
    const { readAloud, NothingToRead, NoVoice } = await player();
    try {
      await readAloud(message.id, text, { threadId: message.thread_id, inHouse });
    } catch (error) {
      if (error instanceof NothingToRead)
        toast(t`There are no words in this answer that could be read.`, { failed: true });
      else if (error instanceof NoVoice || error instanceof DOMException)
        toast(
          inHouse
            ? t`No voice on this machine can read this, and nothing of this chat leaves the house. An administrator can name a speech model in the house.`
            : t`This browser has no voice for this. Choose another one in Settings, Voice.`,
          { failed: true },
        );
      else report(error);
    }
  };
  if (state === null)
    return (
      <IconButton label={t`Read aloud`} onClick={() => void read()}>
        <Volume2 className="i-14" />
      </IconButton>
    );
  return (
    <>
      {state === "loading" ? (
        <IconButton label={t`Getting the voice`} aria-disabled>
          <LoaderCircle className="i-14 spin" />
        </IconButton>
      ) : state === "playing" ? (
        <IconButton label={t`Pause reading`} onClick={() => void player().then((all) => all.pauseReading())}>
          <Pause className="i-14" />
        </IconButton>
      ) : (
        <IconButton label={t`Go on reading`} onClick={() => void player().then((all) => all.resumeReading())}>
          <Play className="i-14" />
        </IconButton>
      )}
      <IconButton label={t`Stop reading`} onClick={() => void player().then((all) => all.stopReading())}>
        <Square className="i-14" />
      </IconButton>
    </>
  );
}

/** What is read of a chat ends when one leaves it: nothing on another page could stop it. */
export function useQuietAfter(threadId: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: each chat ends its own
  useEffect(
    () => () => {
      if (useReading.getState().reading) void player().then((all) => all.stopReading());
    },
    [threadId],
  );
}

/** Whether a message is being read, so that its bar stays in view. */
export function useIsRead(id: string): boolean {
  return useReading(({ reading }) => reading?.id === id);
}
