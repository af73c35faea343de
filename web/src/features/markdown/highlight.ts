/** Syntax colours line by line: each finished line is coloured once, in a worker, and stays as it is. */
import type { Answer, Piece, Question } from "./highlight-protocol";
import { grammarName } from "./languages";

const blocks = new Map<number, LineHighlighter>();
let worker: Worker | null = null;
let nextId = 1;

function ask(question: Question): void {
  if (!worker) {
    worker = new Worker(new URL("./highlight-worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) =>
      blocks.get(data.id)?.take(data.lines),
    );
  }
  worker.postMessage(question);
}

/** The colours of one code block. `onProgress` is called whenever there are more. */
export class LineHighlighter {
  readonly lines: Piece[][] = [];
  private readonly id = nextId++;
  private readonly grammar: string | undefined;
  private asked = 0;

  constructor(
    lang: string,
    private readonly onProgress: () => void,
  ) {
    this.grammar = grammarName(lang);
    blocks.set(this.id, this);
  }

  /** The finished lines of the block as they are now; only those that are new are sent. */
  want(lines: string[]): void {
    if (!this.grammar || lines.length <= this.asked) return;
    ask({ id: this.id, grammar: this.grammar, lines: lines.slice(this.asked) });
    this.asked = lines.length;
  }

  take(lines: Piece[][]): void {
    this.lines.push(...lines);
    this.onProgress();
  }

  dispose(): void {
    blocks.delete(this.id);
    if (this.asked > 0) ask({ id: this.id, grammar: "", lines: null });
  }
}
