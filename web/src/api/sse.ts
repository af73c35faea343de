/** Server-sent events from a fetch response (WHATWG HTML 9.2.6), with the id as a number. */

export interface SseEvent {
  /** The event's own id; null when it has none. */
  id: number | null;
  data: string;
}

/** Cuts a stream of text into events; feed it whatever arrives. */
export class SseParser {
  private rest = "";
  private id: number | null = null;
  private data: string[] = [];

  feed(text: string): SseEvent[] {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    const events: SseEvent[] = [];
    for (const raw of lines) {
      const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
      if (line === "") {
        if (this.data.length > 0) events.push({ id: this.id, data: this.data.join("\n") });
        this.data = [];
        this.id = null;
      } else if (line.startsWith("data:")) this.data.push(line.slice(line[5] === " " ? 6 : 5));
      else if (line.startsWith("id:")) this.id = Number(line.slice(3));
    }
    return events;
  }
}

/** The events of a response, in batches as they arrive. Ends when the server ends the stream. */
export async function* readEvents(response: Response): AsyncGenerator<SseEvent[]> {
  if (!response.body) return;
  const parser = new SseParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = parser.feed(value);
      if (events.length > 0) yield events;
    }
  } finally {
    await reader.cancel().catch(() => undefined); // the connection is gone already
  }
}
