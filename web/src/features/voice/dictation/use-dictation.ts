import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useMe } from "@/api/bootstrap";
import { type SpokenIn, voiceInfo } from "@/api/voice";
import { activeLocale } from "@/i18n";
import { whoSpeaks } from "../choose";
import { Deaf, type Ears } from "./ears";
import { canRecognise, startRecognition } from "./recognition";
import { startRecorder } from "./recorder";

export type Dictation =
  | { state: "opening" }
  | { state: "listening"; by: "server" | "browser"; since: number; limitMs: number }
  | { state: "writing" }
  | { state: "failed"; error: unknown };

interface DictationOptions {
  where: SpokenIn;
  /** What was said; empty when nothing was heard. */
  onText: (text: string) => void;
}

/** Listens from the first moment until it is finished, cancelled or gone. */
export function useDictation({ where, onText }: DictationOptions) {
  const { dictation: preference = "auto" } = useMe().preferences;
  const [dictation, setDictation] = useState<Dictation>({ state: "opening" });
  const [words, setWords] = useState("");
  const [attempt, setAttempt] = useState(0);
  const ears = useRef<Ears>(null);

  const open = useEffectEvent(async (wanted: () => boolean) => {
    try {
      const info = await voiceInfo();
      const by = whoSpeaks(preference, info.transcription, where.inHouse);
      // what a browser hears may go to its maker
      if (by === "browser" && (where.inHouse || !canRecognise())) throw new Deaf("no_recognition");
      const opened =
        by === "server"
          ? await startRecorder(where)
          : await startRecognition(activeLocale() === "zh-CN" ? "zh-CN" : navigator.language, setWords);
      if (!wanted()) {
        opened.cancel();
        return;
      }
      ears.current = opened;
      setDictation({ state: "listening", by, since: Date.now(), limitMs: info.max_seconds * 1000 });
    } catch (error) {
      if (wanted()) setDictation({ state: "failed", error });
    }
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt opens anew
  useEffect(() => {
    let wanted = true;
    void open(() => wanted);
    return () => {
      wanted = false;
      ears.current?.cancel();
      ears.current = null;
    };
  }, [attempt]);

  const finish = useEffectEvent(async () => {
    const listening = ears.current;
    if (!listening || dictation.state !== "listening") return;
    setDictation({ state: "writing" });
    try {
      const text = await listening.finish();
      if (ears.current === listening) onText(text);
    } catch (error) {
      if (ears.current === listening) setDictation({ state: "failed", error });
    }
  });
  const limit = dictation.state === "listening" ? dictation.limitMs : null;
  useEffect(() => {
    if (limit === null) return;
    const timer = window.setTimeout(() => void finish(), limit);
    return () => window.clearTimeout(timer);
  }, [limit]);
  return {
    dictation,
    words,
    level: () => ears.current?.level() ?? null,
    finish: () => void finish(),
    again: () => {
      setWords("");
      setDictation({ state: "opening" });
      setAttempt(attempt + 1);
    },
  };
}
