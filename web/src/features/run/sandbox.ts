/**
 * Runs a code block in a worker within a frame of its own: an opaque origin under the policy of the artifacts, so without network,
 * cookies, storage or a way to this page. A run lives as long as its frame: when that is taken away, all of it ends.
 */
import { loadFile } from "@/api/assets";
import frameScript from "./frame-script.js?raw";
import type { Job, Language, Word } from "./protocol";
import { LIMIT_MS, OUTPUT_LIMIT } from "./protocol";
import { runtimes } from "./runtimes";

/** A language that is not there by then will not come; in milliseconds. */
const LOADING_MS = 120_000;
/** More than a run can say by itself; in characters of JSON. */
const WORDS_LIMIT = OUTPUT_LIMIT * 4;

export type Heard =
  | Word
  /** It took longer than it may. */
  | { type: "late" }
  /** Its language could not be loaded. */
  | { type: "unavailable"; reason: string };

/** Starts a run. What is returned ends it at once; nothing is heard of it afterwards. */
export function run(language: Language, code: string, hear: (word: Heard) => void): () => void {
  let over = false;
  const frame = document.createElement("iframe");
  const stop = () => {
    over = true;
    window.clearTimeout(timer);
    window.removeEventListener("message", listen);
    frame.remove();
  };
  const end = (word: Heard) => {
    if (over) return;
    stop();
    hear(word);
  };
  let timer = window.setTimeout(() => end({ type: "unavailable", reason: "timeout" }), LOADING_MS);

  const parts = prepare(language, code);
  const order = async () => {
    const { worker, job } = await parts;
    // the frame's origin is opaque, so there is none to name
    frame.contentWindow?.postMessage({ worker, job, limit: WORDS_LIMIT }, "*", Object.values(job.files));
  };
  const listen = ({ source, data }: MessageEvent) => {
    if (!source || source !== frame.contentWindow || over) return;
    if (data?.ready) frame.contentWindow.postMessage({ html: `<script>${frameScript}</script>` }, "*");
    else if (data?.listening) order().catch((error) => end({ type: "unavailable", reason: String(error) }));
    else if (typeof data?.broken === "string") end({ type: "unavailable", reason: data.broken });
    else if (typeof data?.word === "string") take(JSON.parse(data.word));
  };
  const take = (word: Word) => {
    if (word.type === "began") {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => end({ type: "late" }), LIMIT_MS);
    }
    if (word.type === "ended" || word.type === "failed") end(word);
    else hear(word);
  };

  frame.setAttribute("sandbox", "allow-scripts");
  frame.src = "/artifact-frame";
  frame.title = "Code";
  frame.className = "offstage";
  frame.tabIndex = -1;
  frame.setAttribute("aria-hidden", "true");
  window.addEventListener("message", listen);
  document.body.append(frame);
  return stop;
}

async function prepare(language: Language, code: string): Promise<{ worker: string; job: Job }> {
  const { worker, files } = await runtimes[language]();
  const names = Object.keys(files);
  const [script, ...loaded] = await Promise.all([worker, ...Object.values(files)].map(loadFile));
  return {
    worker: new TextDecoder().decode(script),
    job: { code, files: Object.fromEntries(names.map((name, at) => [name, loaded[at] as ArrayBuffer])) },
  };
}
