/** The browser's own speech recognition. */
import { Deaf, type Ears } from "./ears";

interface Heard {
  isFinal: boolean;
  0: { transcript: string };
}

interface Recognition extends EventTarget {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  start: () => void;
  stop: () => void;
  abort: () => void;
  onstart: (() => void) | null;
  onend: (() => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onresult: ((event: { results: ArrayLike<Heard> }) => void) | null;
}

type Maker = new () => Recognition;

function maker(): Maker | undefined {
  const known = window as unknown as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
  return known.SpeechRecognition ?? known.webkitSpeechRecognition;
}

export const canRecognise = () => maker() !== undefined;

const WHY: Record<string, Deaf["why"]> = {
  "not-allowed": "not_allowed",
  "service-not-allowed": "no_recognition",
  "language-not-supported": "no_recognition",
  "audio-capture": "no_microphone",
  network: "no_network",
};

/** Begins to listen; `onWords` gets all that was understood so far. Rejects with Deaf, `finish` too. */
export async function startRecognition(language: string, onWords: (words: string) => void): Promise<Ears> {
  const Made = maker();
  if (!Made) throw new Deaf("no_recognition");
  const recognition = new Made();
  recognition.lang = language;
  recognition.continuous = true;
  recognition.interimResults = true;
  let words = "";
  let failure: Deaf | null = null;
  let ended = false;
  let onEnd: () => void = () => undefined;
  recognition.onresult = ({ results }) => {
    words = Array.from(results, (heard) => heard[0].transcript.trim()).join(
      language.startsWith("zh") ? "" : " ",
    );
    onWords(words);
  };
  await new Promise<void>((resolve, reject) => {
    recognition.onstart = () => resolve();
    recognition.onerror = ({ error }) => {
      const why = WHY[error];
      if (why) failure = new Deaf(why); // "no-speech" and "aborted" are no failures
      if (failure) reject(failure);
    };
    recognition.onend = () => {
      ended = true;
      onEnd();
      reject(failure ?? new Deaf("no_recognition"));
    };
    recognition.start();
  });
  return {
    level: () => null,
    finish: async () => {
      if (!ended) {
        const end = new Promise<void>((resolve) => {
          onEnd = resolve;
        });
        recognition.stop();
        await end;
      }
      if (failure && !words) throw failure;
      return words;
    },
    cancel: () => {
      words = "";
      if (!ended) recognition.abort();
    },
  };
}
