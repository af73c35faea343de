/** Smooths a stream: characters leave a queue whose speed grows with the backlog. */

/** The backlog shrinks to a third in this time, in milliseconds. */
const CATCH_UP_MS = 220;
/** Characters per second below which it would look stuck. */
const SLOWEST = 40;

export class SmoothQueue {
  private position: number;

  /** `shown` characters are on screen from the start. */
  constructor(shown = 0) {
    this.position = shown;
  }

  /** How many characters of `text` to show `elapsed` milliseconds after the last call. */
  advance(text: string, elapsed: number): number {
    const backlog = text.length - this.position;
    if (backlog <= 0) return text.length;
    const step = Math.max(backlog * (1 - Math.exp(-elapsed / CATCH_UP_MS)), (SLOWEST * elapsed) / 1000);
    this.position = Math.min(text.length, this.position + step);
    return whole(text, Math.floor(this.position));
  }

  jump(length: number): void {
    this.position = length;
  }
}

/** `end` moved back so that it does not cut a surrogate pair, a joined emoji or a combining mark off its base. */
export function whole(text: string, end: number): number {
  let cut = end;
  while (cut > 0 && cut < text.length && joins(text, cut)) cut -= 1;
  return cut;
}

function joins(text: string, at: number): boolean {
  const next = text.charCodeAt(at);
  const before = text.charCodeAt(at - 1);
  return (
    (next >= 0xdc00 && next <= 0xdfff) ||
    next === 0x200d ||
    before === 0x200d ||
    (next >= 0x300 && next <= 0x36f) ||
    next === 0xfe0f
  );
}
