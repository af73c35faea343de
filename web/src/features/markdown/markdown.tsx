import "./prose.css";
import { useId, useMemo, useRef } from "react";
import { Blocks } from "./blocks";
import { FootnoteContext, makeFootnotes } from "./footnotes";
import { BlockLexer } from "./lex";

export interface MarkdownProps {
  text: string;
  /** The text is still growing at its end. */
  live?: boolean;
}

/** A model's text. While it grows, only its last block is lexed and drawn again. */
export function Markdown({ text, live = false }: MarkdownProps) {
  const lexer = useRef<BlockLexer>(null);
  lexer.current ??= new BlockLexer();
  const own = lexer.current;
  const blocks = useMemo(() => own.update(text, live), [own, text, live]);
  const prefix = useId();
  const footnotes = useMemo(() => makeFootnotes(prefix), [prefix]);
  return (
    <FootnoteContext value={footnotes}>
      <div className={`prose ${live ? "is-live" : ""}`}>
        <Blocks tokens={blocks} live={live} />
      </div>
    </FootnoteContext>
  );
}
