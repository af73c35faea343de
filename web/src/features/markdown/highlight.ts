/** Syntax colours line by line: each finished line is coloured once, the grammar's state is kept for the next one. */
import type { GrammarState, HighlighterCore } from "shiki/core";
import { grammarName, loadGrammar } from "./languages";

/** A run of text and the class of its colour (k s n f c, see thread.css), or none. */
export interface Piece {
  text: string;
  kind: string;
}

const THEME = "freehold";
/** How long colouring may hold the main thread at a time, in milliseconds. */
const SLICE_MS = 6;
const MAX_LINE_CHARACTERS = 2000;

/** The theme's colour variables to the classes of tokens.css. */
const kinds: Record<string, string> = {
  "token-keyword": "k",
  "token-string": "s",
  "token-string-expression": "s",
  "token-constant": "n",
  "token-function": "f",
  "token-comment": "c",
};

let loading: Promise<HighlighterCore> | null = null;
const grammars = new Map<string, Promise<void>>();

async function loadShiki(): Promise<HighlighterCore> {
  const [core, engine] = await Promise.all([import("shiki/core"), import("@shikijs/engine-javascript/raw")]);
  const theme = core.createCssVariablesTheme({ name: THEME, variablePrefix: "--", fontStyle: false });
  return core.createHighlighterCore({
    themes: [theme],
    langs: [],
    engine: engine.createJavaScriptRawEngine(),
  });
}

async function shikiWith(grammar: string): Promise<HighlighterCore> {
  loading ??= loadShiki();
  const shiki = await loading;
  let ready = grammars.get(grammar);
  if (!ready) {
    ready = loadGrammar(grammar).then((registrations) => shiki.loadLanguage(...registrations));
    grammars.set(grammar, ready);
  }
  await ready;
  return shiki;
}

function piecesOf(
  shiki: HighlighterCore,
  line: string,
  lang: string,
  state: GrammarState | undefined,
): [Piece[], GrammarState | undefined] {
  const [tokens = []] = shiki.codeToTokensBase(line, {
    lang,
    theme: THEME,
    grammarState: state,
    tokenizeMaxLineLength: MAX_LINE_CHARACTERS,
  });
  const pieces: Piece[] = [];
  for (const token of tokens) {
    const kind = kinds[/--([\w-]+)/.exec(token.color ?? "")?.[1] ?? ""] ?? "";
    const last = pieces.at(-1);
    if (last && last.kind === kind) last.text += token.content;
    else pieces.push({ text: token.content, kind });
  }
  return [pieces, shiki.getLastGrammarState(line, { lang, theme: THEME, grammarState: state })];
}

/** Colours the lines of one code block, in short slices. `onProgress` is called after each slice. */
export class LineHighlighter {
  readonly lines: Piece[][] = [];
  private wanted: string[] = [];
  private state: GrammarState | undefined;
  private busy = false;
  private disposed = false;
  private readonly grammar: string | undefined;

  constructor(
    lang: string,
    private readonly onProgress: () => void,
  ) {
    this.grammar = grammarName(lang);
  }

  /** The finished lines of the block as they are now; lines that were coloured stay as they are. */
  want(lines: string[]): void {
    this.wanted = lines;
    if (this.grammar && !this.busy && lines.length > this.lines.length) void this.run(this.grammar);
  }

  dispose(): void {
    this.disposed = true;
  }

  private async run(grammar: string): Promise<void> {
    this.busy = true;
    try {
      const shiki = await shikiWith(grammar);
      while (!this.disposed && this.lines.length < this.wanted.length) {
        this.slice(shiki, grammar);
        this.onProgress();
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    } finally {
      this.busy = false;
    }
  }

  private slice(shiki: HighlighterCore, grammar: string): void {
    const end = performance.now() + SLICE_MS;
    while (this.lines.length < this.wanted.length && performance.now() < end) {
      const line = this.wanted[this.lines.length] ?? "";
      const [pieces, state] = piecesOf(shiki, line, grammar, this.state);
      this.state = state;
      this.lines.push(pieces);
    }
  }
}
