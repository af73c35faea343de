/** One request of the playground: sent, read as it comes, and timed. */
import { play } from "@/api/playground";
import type { ModelInfo } from "@/api/types";
import { type Counts, Reader, type Reading } from "./answer";
import type { Body, Dialect } from "./request";

/** Characters of a raw stream that are kept to be looked at. */
const MOST_RAW = 400_000;

export interface Result extends Reading {
  state: "running" | "done" | "stopped" | "failed";
  dialect: Dialect;
  request: Body;
  /** 0 until the head of the answer is there. */
  status: number;
  headers: [string, string][];
  raw: string;
  /** Milliseconds since the request was sent. */
  firstToken: number | null;
  total: number;
}

/** Headers that say how the answer was made. */
const TELLING =
  /^(x-freehold-|x-request-id$|x-ratelimit-|anthropic-ratelimit-|retry-after$|age$|content-type$)/;

/** Sends the request; `tell` gets what is known, at most once for each picture of the screen. Never throws. */
export async function carryOut(
  dialect: Dialect,
  request: Body,
  signal: AbortSignal,
  tell: (result: Result) => void,
): Promise<void> {
  const reader = new Reader(dialect);
  const began = performance.now();
  const now: Result = {
    ...reader.reading,
    state: "running",
    dialect,
    request,
    status: 0,
    headers: [],
    raw: "",
    firstToken: null,
    total: 0,
  };
  let waiting = 0;
  const draw = () => {
    cancelAnimationFrame(waiting);
    now.total = performance.now() - began;
    tell({ ...now, ...reader.reading, calls: [...reader.reading.calls] });
  };
  draw();
  try {
    const response = await play(dialect, request, signal);
    now.status = response.status;
    now.headers = [...response.headers].filter(([name]) => TELLING.test(name));
    for await (const fresh of readBody(response, reader, now)) {
      if (fresh) now.firstToken ??= performance.now() - began;
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(draw);
    }
    if (!response.ok) reader.reading.error ||= messageOf(now.raw, now.status);
    now.state = reader.reading.error ? "failed" : "done";
  } catch (error) {
    now.state = signal.aborted ? "stopped" : "failed";
    if (!signal.aborted) reader.reading.error = error instanceof Error ? error.message : String(error);
  }
  draw();
}

/** Reads the body into `reader` and `now.raw`; yields for each piece whether it brought something of the answer. */
async function* readBody(response: Response, reader: Reader, now: Result): AsyncGenerator<boolean> {
  const whole = /^application\/(problem\+)?json/.test(response.headers.get("content-type") ?? "");
  const pieces = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await pieces?.read(); piece && !piece.done; piece = await pieces?.read()) {
    if (whole || now.raw.length < MOST_RAW) now.raw += piece.value;
    yield !whole && reader.feed(piece.value);
  }
  if (whole) reader.whole(now.raw);
  else reader.close();
}

/** Of a refusal that comes before the dialect: not signed in, or a proxy's page. */
function messageOf(raw: string, status: number): string {
  try {
    return String(JSON.parse(raw).message ?? `HTTP ${status}`);
  } catch {
    return `HTTP ${status}`;
  }
}

/** Tokens a second from the first to the last; null for an answer that came whole. */
export function speedOf({ counts, firstToken, total }: Result): number | null {
  if (!counts?.output || firstToken === null || total - firstToken < 10) return null;
  return counts.output / ((total - firstToken) / 1000);
}

/** US dollars by the price list; null where a price is unknown. */
export function costOf(counts: Counts | null, model: ModelInfo | undefined): number | null {
  if (!counts || !model) return null;
  if (!model.prices) return model.self_hosted ? 0 : null;
  const { input, output, cached_input: cached } = model.prices;
  if (input === null || output === null) return null;
  const fresh = counts.input - counts.cached;
  return (fresh * input + counts.cached * (cached ?? input) + counts.output * output) / 1_000_000;
}
