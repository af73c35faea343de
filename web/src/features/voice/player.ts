/** Reads pieces of text aloud, one after the other, by the server's model or by the browser. */
import { bootstrapQuery } from "@/api/bootstrap";
import { queryClient } from "@/api/query-client";
import type { VoiceInfo } from "@/api/types";
import { type SpokenIn, speak, voiceInfo } from "@/api/voice";
import { browserVoice, whoSpeaks } from "./choose";
import { type Reading, useReading } from "./reading";
import { inPieces, speakable, whole } from "./speakable";

/** There is nothing in it that could be read. */
export class NothingToRead extends Error {}
/** This browser has no voice for the language. */
export class NoVoice extends Error {}

interface Mouth {
  /** Resolves when it is said. */
  say: (piece: string, next: string | undefined) => Promise<void>;
  pause: () => void;
  resume: () => void;
  stop: () => void;
}

let current: Mouth | null = null;

const show = (reading: Reading | null) => useReading.setState({ reading });

/** Begins to read, and stops what was read before. Rejects with NothingToRead, NoVoice, ApiError, Unreachable. */
export async function readAloud(id: string, markdown: string, where: SpokenIn): Promise<void> {
  stopReading();
  show({ id, state: "loading" });
  let mouth: Mouth | null = null;
  try {
    const info = await voiceInfo();
    const pieces = inPieces(speakable(markdown));
    if (pieces.length === 0) throw new NothingToRead();
    if (useReading.getState().reading?.id !== id) return;
    mouth = mouthFor(info, languageOf(markdown), where);
    current = mouth;
    await sayAll(mouth, pieces);
  } catch (error) {
    if (mouth === null || current === mouth) throw error;
  } finally {
    if (mouth === null ? useReading.getState().reading?.id === id : current === mouth) stopReading();
  }
}

export interface Growing {
  text: string;
  done: boolean;
}

const LOOK_AGAIN_MS = 150;

/**
 * Reads what is still being written, sentence by sentence as each is complete, until it is done or `over`. Rejects as
 * `readAloud`; with NothingToRead only when all of it is there.
 */
export async function readGrowing(
  id: string,
  source: () => Growing,
  where: SpokenIn,
  { over, onBegin }: { over: () => boolean; onBegin: () => void },
): Promise<void> {
  stopReading();
  const info = await voiceInfo();
  let mouth: Mouth | null = null;
  let at = 0;
  while (!over()) {
    const { text, done } = source();
    const words = speakable(text);
    const end = done ? words.length : whole(words);
    const pieces = inPieces(words.slice(at, end));
    at = Math.max(at, end);
    if (pieces.length === 0) {
      if (done) break;
      await new Promise((resolve) => window.setTimeout(resolve, LOOK_AGAIN_MS));
      continue;
    }
    if (!mouth) {
      mouth = mouthFor(info, languageOf(text), where);
      current = mouth;
      show({ id, state: "loading" });
      onBegin();
    }
    if (!(await sayAll(mouth, pieces))) return;
  }
  if (mouth && current === mouth) stopReading();
  if (!mouth && !over()) throw new NothingToRead();
}

/** False where it was stopped in between. */
async function sayAll(mouth: Mouth, pieces: string[]): Promise<boolean> {
  for (const [at, piece] of pieces.entries()) {
    await mouth.say(piece, pieces[at + 1]);
    if (current !== mouth) return false;
  }
  return true;
}

export function pauseReading(): void {
  current?.pause();
  const { reading } = useReading.getState();
  if (reading) show({ ...reading, state: "paused" });
}

export function resumeReading(): void {
  current?.resume();
  const { reading } = useReading.getState();
  if (reading) show({ ...reading, state: "playing" });
}

export function stopReading(): void {
  const mouth = current;
  current = null;
  mouth?.stop();
  show(null);
}

/** Once sound is heard. */
function began(): void {
  const { reading } = useReading.getState();
  if (reading?.state === "loading") show({ ...reading, state: "playing" });
}

/** Chinese where a fair part of it is. */
function languageOf(text: string): string {
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}+/gu)?.length ?? 0;
  if (han > latin) return "zh-CN";
  return navigator.language.startsWith("zh") ? "en-US" : navigator.language;
}

function mouthFor(info: VoiceInfo, language: string, where: SpokenIn): Mouth {
  const {
    reading = "auto",
    voice,
    speech_rate: rate = 1,
  } = queryClient.getQueryData(bootstrapQuery.queryKey)?.me?.preferences ?? {};
  if (whoSpeaks(reading, info.speech, where.inHouse) === "server")
    return serverMouth(info.voices.includes(voice ?? "") ? voice : null, rate, where);
  return browserMouth(language, voice, rate, where.inHouse);
}

function serverMouth(voice: string | null | undefined, rate: number, where: SpokenIn): Mouth {
  const abort = new AbortController();
  const audio = new Audio();
  const fetched = new Map<string, Promise<Blob>>();
  const fetchPiece = (text: string) => {
    const known =
      fetched.get(text) ??
      speak({ text, voice, thread_id: where.threadId, in_house: where.inHouse, speed: 1 }, abort.signal);
    fetched.set(text, known);
    known.catch(() => undefined); // told when its turn comes
    return known;
  };
  return {
    say: async (piece, next) => {
      const sound = await fetchPiece(piece);
      fetched.delete(piece);
      if (abort.signal.aborted) return;
      if (next) void fetchPiece(next);
      const address = URL.createObjectURL(sound);
      audio.src = address;
      audio.playbackRate = rate;
      await new Promise<void>((resolve, reject) => {
        audio.onplaying = began;
        audio.onended = () => resolve();
        audio.onerror = () => (abort.signal.aborted ? resolve() : reject(new NoVoice()));
        abort.signal.addEventListener("abort", () => resolve(), { once: true });
        // paused while the piece was on its way: it goes on when it is resumed
        if (useReading.getState().reading?.state !== "paused")
          audio.play().catch((error: unknown) => (abort.signal.aborted ? resolve() : reject(error)));
      }).finally(() => URL.revokeObjectURL(address));
    },
    pause: () => audio.pause(),
    resume: () => void audio.play().catch(() => stopReading()),
    stop: () => {
      abort.abort();
      audio.pause();
    },
  };
}

function browserMouth(
  language: string,
  chosen: string | null | undefined,
  rate: number,
  inHouse: boolean,
): Mouth {
  const voices = window.speechSynthesis?.getVoices() ?? [];
  const voice = browserVoice(voices, language, chosen, inHouse);
  if (!voice) throw new NoVoice();
  return {
    say: (piece) =>
      new Promise<void>((resolve, reject) => {
        const utterance = new SpeechSynthesisUtterance(piece);
        utterance.voice = voice;
        utterance.lang = voice.lang;
        utterance.rate = rate;
        utterance.onstart = began;
        utterance.onend = () => resolve();
        utterance.onerror = ({ error }) =>
          error === "canceled" || error === "interrupted" ? resolve() : reject(new NoVoice());
        window.speechSynthesis.speak(utterance);
      }),
    pause: () => window.speechSynthesis.pause(),
    resume: () => window.speechSynthesis.resume(),
    stop: () => window.speechSynthesis.cancel(),
  };
}
