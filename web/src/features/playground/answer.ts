/** What an answer says, read from its bytes as they come; in each dialect, streamed or whole. */
import type { Dialect } from "./request";

export interface Call {
  name: string;
  arguments: string;
}

export interface Counts {
  input: number;
  output: number;
  cached: number;
}

/** What was read so far. */
export interface Reading {
  text: string;
  reasoning: string;
  calls: Call[];
  counts: Counts | null;
  finish: string;
  /** The sentence of an error, in the middle of a stream or instead of an answer. */
  error: string;
}

// biome-ignore lint/suspicious/noExplicitAny: frames of four protocols; what is not there is left out
type Frame = any;

/** Reads pieces of the body; `fresh` is true for a piece that brought something of the answer. */
export class Reader {
  readonly reading: Reading = { text: "", reasoning: "", calls: [], counts: null, finish: "", error: "" };
  private rest = "";
  private readonly open = new Map<string | number, Call>();

  constructor(private readonly dialect: Dialect) {}

  /** A piece of a stream: server-sent events, or one JSON object to a line. */
  feed(piece: string): boolean {
    const before = this.size();
    const lines = (this.rest + piece).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.line(line);
    return this.size() > before;
  }

  /** The end of a stream, whose last line may lack its end. */
  close(): void {
    this.line(this.rest);
    this.rest = "";
  }

  /** A whole answer or an error. */
  whole(body: string): void {
    const frame = parsed(body);
    if (!frame) return;
    if (failure(frame)) this.reading.error = failure(frame);
    else WHOLE[this.dialect](this.reading, frame);
  }

  private line(line: string): void {
    const frame = parsed(line.startsWith("data:") ? line.slice(5) : line);
    if (!frame) return;
    if (failure(frame)) this.reading.error = failure(frame);
    else STREAMED[this.dialect](this.reading, frame, this.open);
  }

  private size(): number {
    const { text, reasoning, calls } = this.reading;
    return text.length + reasoning.length + calls.length;
  }
}

function parsed(text: string): Frame | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** OpenAI's and Anthropic's errors are objects, Ollama's a text; OpenAI's responses have theirs inside. */
function failure(frame: Frame): string {
  const error = frame.error ?? (frame.type === "response.failed" ? frame.response?.error : undefined);
  if (error) return String(error.message ?? error);
  return frame.type === "error" ? String(frame.message ?? "") : "";
}

function callOf(reading: Reading, open: Map<string | number, Call>, key: string | number): Call {
  let call = open.get(key);
  if (!call) {
    call = { name: "", arguments: "" };
    open.set(key, call);
    reading.calls.push(call);
  }
  return call;
}

const openaiCounts = (usage: Frame): Counts => ({
  input: usage.prompt_tokens ?? usage.input_tokens ?? 0,
  output: usage.completion_tokens ?? usage.output_tokens ?? 0,
  cached: (usage.prompt_tokens_details ?? usage.input_tokens_details)?.cached_tokens ?? 0,
});

/** What was read from a cache or written to it is beside the input in Anthropic's counts. */
function anthropicCounts(reading: Reading, usage: Frame): void {
  const cached = usage.cache_read_input_tokens ?? reading.counts?.cached ?? 0;
  const fresh =
    usage.input_tokens === undefined
      ? undefined
      : usage.input_tokens + (usage.cache_creation_input_tokens ?? 0);
  reading.counts = {
    input: fresh === undefined ? (reading.counts?.input ?? 0) : fresh + cached,
    output: usage.output_tokens ?? reading.counts?.output ?? 0,
    cached,
  };
}

type ReadFrame = (reading: Reading, frame: Frame, open: Map<string | number, Call>) => void;

const STREAMED: Record<Dialect, ReadFrame> = {
  openai_chat(reading, frame, open) {
    if (frame.usage) reading.counts = openaiCounts(frame.usage);
    for (const { delta, finish_reason } of frame.choices ?? []) {
      reading.text += delta?.content ?? "";
      reading.reasoning += delta?.reasoning_content ?? delta?.reasoning ?? "";
      for (const { index, function: part } of delta?.tool_calls ?? []) {
        const call = callOf(reading, open, index ?? 0);
        call.name += part?.name ?? "";
        call.arguments += part?.arguments ?? "";
      }
      reading.finish = finish_reason ?? reading.finish;
    }
  },
  openai_responses(reading, frame, open) {
    switch (frame.type) {
      case "response.output_text.delta":
        reading.text += frame.delta;
        break;
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        reading.reasoning += frame.delta;
        break;
      case "response.output_item.added":
        if (frame.item?.type === "function_call")
          callOf(reading, open, frame.output_index).name = frame.item.name;
        break;
      case "response.function_call_arguments.delta":
        callOf(reading, open, frame.output_index).arguments += frame.delta;
        break;
      case "response.completed":
      case "response.incomplete":
        if (frame.response.usage) reading.counts = openaiCounts(frame.response.usage);
        reading.finish = frame.response.incomplete_details?.reason ?? frame.response.status;
    }
  },
  anthropic_messages(reading, frame, open) {
    switch (frame.type) {
      case "message_start":
        anthropicCounts(reading, frame.message.usage);
        break;
      case "content_block_start":
        if (frame.content_block.type === "tool_use")
          callOf(reading, open, frame.index).name = frame.content_block.name;
        break;
      case "content_block_delta":
        reading.text += frame.delta.text ?? "";
        reading.reasoning += frame.delta.thinking ?? "";
        if (frame.delta.type === "input_json_delta")
          callOf(reading, open, frame.index).arguments += frame.delta.partial_json;
        break;
      case "message_delta":
        if (frame.usage) anthropicCounts(reading, frame.usage);
        reading.finish = frame.delta.stop_reason ?? reading.finish;
    }
  },
  ollama_chat(reading, frame) {
    WHOLE.ollama_chat(reading, frame);
  },
};

const WHOLE: Record<Dialect, (reading: Reading, frame: Frame) => void> = {
  openai_chat(reading, frame) {
    if (frame.usage) reading.counts = openaiCounts(frame.usage);
    const { message, finish_reason } = frame.choices?.[0] ?? {};
    reading.text = message?.content ?? "";
    reading.reasoning = message?.reasoning_content ?? message?.reasoning ?? "";
    reading.calls = (message?.tool_calls ?? []).map((call: Frame) => call.function);
    reading.finish = finish_reason ?? "";
  },
  openai_responses(reading, frame) {
    if (frame.usage) reading.counts = openaiCounts(frame.usage);
    for (const item of frame.output ?? []) {
      if (item.type === "function_call") reading.calls.push({ name: item.name, arguments: item.arguments });
      for (const part of item.content ?? []) reading.text += part.text ?? "";
      for (const part of item.summary ?? []) reading.reasoning += part.text ?? "";
    }
    reading.finish = frame.incomplete_details?.reason ?? frame.status ?? "";
  },
  anthropic_messages(reading, frame) {
    if (frame.usage) anthropicCounts(reading, frame.usage);
    for (const block of frame.content ?? []) {
      if (block.type === "text") reading.text += block.text;
      if (block.type === "thinking") reading.reasoning += block.thinking;
      if (block.type === "tool_use")
        reading.calls.push({ name: block.name, arguments: JSON.stringify(block.input) });
    }
    reading.finish = frame.stop_reason ?? "";
  },
  ollama_chat(reading, frame) {
    reading.text += frame.message?.content ?? "";
    reading.reasoning += frame.message?.thinking ?? "";
    for (const { function: call } of frame.message?.tool_calls ?? [])
      reading.calls.push({ name: call.name, arguments: JSON.stringify(call.arguments) });
    if (frame.done) {
      reading.finish = frame.done_reason ?? "";
      reading.counts = { input: frame.prompt_eval_count ?? 0, output: frame.eval_count ?? 0, cached: 0 };
    }
  },
};
