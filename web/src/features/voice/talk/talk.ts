/** A conversation without hands: listens, sends what was said, reads the answer aloud, and lets itself be interrupted. */
import { queryClient } from "@/api/query-client";
import { threadQuery } from "@/api/threads";
import { type SpokenIn, transcribe, voiceInfo } from "@/api/voice";
import { runFor } from "@/features/chat/stream/runs";
import { pathTo, textOf } from "@/features/chat/tree";
import { whoSpeaks } from "../choose";
import { Deaf, openMicrophone } from "../dictation/ears";
import { type Growing, NothingToRead, readGrowing, stopReading } from "../player";
import workletAddress from "./energy-worklet.js?url";
import { FRAME_MS, Turns, wavOf } from "./turns";

export type Phase = "opening" | "listening" | "hearing" | "writing" | "waiting" | "speaking";

/** What is said before it is known to be speech belongs to it. */
const BEFORE_MS = 400;

interface TalkOptions {
  where: SpokenIn;
  onPhase: (phase: Phase) => void;
  onSaid: (text: string) => void;
  onFailure: (error: unknown) => void;
}

interface Frame {
  samples: Float32Array;
  level: number;
}

export class Talk {
  private stream: MediaStream | null = null;
  private context: AudioContext | null = null;
  private readonly turns = new Turns();
  private readonly abort = new AbortController();
  private readonly options: TalkOptions;
  private frames: Float32Array[] = [];
  private phase: Phase = "opening";
  private longest = Number.POSITIVE_INFINITY;
  private loud = 0;
  private answered = 0;

  constructor(options: TalkOptions) {
    this.options = options;
  }

  /** Opens the microphone. With `after`, the answer to what was said already is waited for first. */
  async start(after: boolean): Promise<void> {
    try {
      const info = await voiceInfo();
      if (whoSpeaks("server", info.transcription, this.options.where.inHouse) !== "server")
        throw new Deaf("no_recognition");
      this.longest = (info.max_seconds * 1000) / FRAME_MS;
      const stream = await openMicrophone();
      if (this.abort.signal.aborted) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.stream = stream;
      const context = new AudioContext();
      this.context = context;
      await context.audioWorklet.addModule(workletAddress);
      if (this.abort.signal.aborted) return;
      const node = new AudioWorkletNode(context, "energy", { numberOfOutputs: 0 });
      node.port.onmessage = ({ data }: MessageEvent<Frame>) => this.hear(data);
      context.createMediaStreamSource(stream).connect(node);
      if (after) void this.answer(null);
      else this.to("listening");
    } catch (error) {
      this.fail(error);
    }
  }

  /** How loud it is now, 0 to 1. */
  level(): number {
    return Math.min(1, this.loud * 4);
  }

  stop(): void {
    this.abort.abort();
    stopReading();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    if (this.context && this.context.state !== "closed") void this.context.close();
  }

  private to(phase: Phase): void {
    this.phase = phase;
    this.options.onPhase(phase);
  }

  private fail(error: unknown): void {
    if (this.abort.signal.aborted) return;
    this.stop();
    this.options.onFailure(error);
  }

  private hear({ samples, level }: Frame): void {
    this.loud = level;
    if (this.abort.signal.aborted || this.phase === "writing" || this.phase === "opening") return;
    this.frames.push(samples);
    const turning = this.turns.feed(level, this.phase === "speaking");
    if (this.phase !== "hearing") {
      const kept = BEFORE_MS / FRAME_MS;
      if (this.frames.length > kept && turning !== "begin") this.frames.splice(0, this.frames.length - kept);
      if (turning === "begin") {
        this.answered += 1; // whatever is waited for or read is over
        stopReading();
        this.to("hearing");
      }
    } else if (turning === "nothing") {
      this.frames = [];
      this.to("listening");
    } else if (turning === "end" || this.frames.length > this.longest) {
      const said = this.frames;
      this.frames = [];
      this.turns.reset();
      void this.write(said);
    }
  }

  private async write(frames: Float32Array[]): Promise<void> {
    this.to("writing");
    const rate = (frames[0]?.length ?? 0) * (1000 / FRAME_MS);
    try {
      const text = (await transcribe(wavOf(frames, rate), this.options.where, this.abort.signal)).trim();
      if (this.abort.signal.aborted) return;
      if (!text) return this.to("listening");
      const before = this.lastAnswer()?.id ?? null;
      this.options.onSaid(text);
      await this.answer(before);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Reads the answer that comes after `before`, while it is being written. */
  private async answer(before: string | null): Promise<void> {
    this.answered += 1;
    const mine = this.answered;
    const over = () => this.abort.signal.aborted || this.answered !== mine;
    this.to("waiting");
    const source = (): Growing => {
      const last = this.lastAnswer();
      if (!last || last.id === before) return { text: "", done: false };
      const run = runFor(last);
      return { text: textOf({ parts: run?.parts ?? last.parts }), done: last.status !== "streaming" };
    };
    try {
      await readGrowing("talk", source, this.options.where, {
        over,
        onBegin: () => {
          if (!over()) this.to("speaking");
        },
      });
    } catch (error) {
      // an answer without words is seen; what cannot be read aloud is told
      if (!(error instanceof NothingToRead)) return this.fail(error);
    }
    if (!over()) this.to("listening");
  }

  private lastAnswer() {
    const { threadId } = this.options.where;
    const detail = threadId && queryClient.getQueryData(threadQuery(threadId).queryKey);
    if (!detail) return undefined;
    const last = pathTo(detail.messages, detail.thread.leaf_id, detail.thread.choices).at(-1);
    return last?.role === "assistant" ? last : undefined;
  }
}
