/** Says what a run prints: at once while it is little, in pieces when it is much, and no more than is kept. */
import { OUTPUT_LIMIT, type Word } from "./protocol";

/** So many messages are sent as they come. */
const AT_ONCE = 1000;
const PIECE_CHARACTERS = 4096;
const PIECE_MS = 50;

export type Stream = "out" | "err";

export class Writer {
  private readonly say: (word: Word) => void;
  private readonly now = performance.now.bind(performance);
  private left = OUTPUT_LIMIT;
  private sent = 0;
  private sentAt = 0;
  private waiting: { stream: Stream; text: string } | null = null;

  /** Bound here, before any code of others runs that could put its own in their place. */
  constructor(port: MessagePort) {
    const post = port.postMessage.bind(port);
    const { stringify } = JSON;
    this.say = (word) => post(stringify(word));
  }

  began(): void {
    this.say({ type: "began" });
  }

  write(stream: Stream, text: string): void {
    if (this.left <= 0 || text === "") return;
    const kept = text.slice(0, this.left);
    this.left -= kept.length;
    if (this.waiting && this.waiting.stream !== stream) this.flush();
    this.waiting = { stream, text: (this.waiting?.text ?? "") + kept };
    const due = this.waiting.text.length >= PIECE_CHARACTERS || this.now() - this.sentAt > PIECE_MS;
    if (this.sent < AT_ONCE || due) this.flush();
    if (this.left > 0) return;
    this.flush();
    this.say({ type: "cut" });
  }

  flush(): void {
    if (!this.waiting) return;
    this.say({ type: "out", ...this.waiting });
    this.waiting = null;
    this.sent += 1;
    this.sentAt = this.now();
  }

  ended(value?: string): void {
    this.flush();
    this.say({ type: "ended", value: value?.slice(0, OUTPUT_LIMIT / 4) });
  }

  failed(message: string, line?: number): void {
    this.flush();
    this.say({ type: "failed", message: message.slice(0, OUTPUT_LIMIT / 4), line });
  }
}
