/** Syntax colours, in a worker: compiling a grammar's patterns would hold the page up for a tenth of a second or more. */
import type { GrammarState, HighlighterCore } from "shiki/core";
import { loadGrammar } from "./grammars";
import type { Answer, Piece, Question } from "./highlight-protocol";

const THEME = "freehold";
const MAX_LINE_CHARACTERS = 2000;
/** So many lines are coloured before what is done is sent. */
const BATCH = 40;

/** The theme's colour variables to the classes of thread.css. */
const kinds: Record<string, string> = {
  "token-keyword": "k",
  "token-string": "s",
  "token-string-expression": "s",
  "token-constant": "n",
  "token-function": "f",
  "token-comment": "c",
};

const grammars = new Map<string, Promise<void>>();
/** The grammar's state at the end of what is coloured, by code block. */
const states = new Map<number, GrammarState | undefined>();

async function loadShiki(): Promise<HighlighterCore> {
  const [core, engine] = await Promise.all([import("shiki/core"), import("@shikijs/engine-javascript/raw")]);
  const theme = core.createCssVariablesTheme({ name: THEME, variablePrefix: "--", fontStyle: false });
  return core.createHighlighterCore({
    themes: [theme],
    langs: [],
    engine: engine.createJavaScriptRawEngine(),
  });
}

const loading = loadShiki();

async function shikiWith(grammar: string): Promise<HighlighterCore> {
  const shiki = await loading;
  let ready = grammars.get(grammar);
  if (!ready) {
    ready = loadGrammar(grammar).then((registrations) => shiki.loadLanguage(...registrations));
    grammars.set(grammar, ready);
  }
  await ready;
  return shiki;
}

function colour(shiki: HighlighterCore, line: string, lang: string, id: number): Piece[] {
  const options = {
    lang,
    theme: THEME,
    grammarState: states.get(id),
    tokenizeMaxLineLength: MAX_LINE_CHARACTERS,
  };
  const tokens = shiki.codeToTokensBase(line, options);
  states.set(id, shiki.getLastGrammarState(tokens));
  const pieces: Piece[] = [];
  for (const token of tokens[0] ?? []) {
    const kind = kinds[/--([\w-]+)/.exec(token.color ?? "")?.[1] ?? ""] ?? "";
    const last = pieces.at(-1);
    if (last && last.kind === kind) last.text += token.content;
    else pieces.push({ text: token.content, kind });
  }
  return pieces;
}

async function answer(question: Question): Promise<void> {
  if (question.lines === null) {
    states.delete(question.id);
    return;
  }
  const shiki = await shikiWith(question.grammar);
  for (let from = 0; from < question.lines.length; from += BATCH) {
    const lines = question.lines
      .slice(from, from + BATCH)
      .map((line) => colour(shiki, line, question.grammar, question.id));
    postMessage({ id: question.id, lines } satisfies Answer);
  }
}

// one after the other: the lines of a block build on each other
let work: Promise<void> = Promise.resolve();
addEventListener("message", ({ data }: MessageEvent<Question>) => {
  work = work.then(() => answer(data)).catch((error: unknown) => console.error(error));
});
