/** Block tokens to React elements; a block whose source did not change is not drawn again. */
import { Trans } from "@lingui/react/macro";
import { memo, type ReactNode } from "react";
import { isOpen } from "../artifacts/collect";
import { CodeBlock } from "./code-block";
import { useFootnotes } from "./footnotes";
import { Formula } from "./formula";
import { Inline } from "./inline";
import { type FootnoteDef, isMath, type Token, type Tokens } from "./lex";
import { Mermaid } from "./mermaid";
import { Table } from "./table";

export interface BlockProps {
  token: Token;
  /** Still being written: a diagram waits, code is not yet offered for download. */
  live: boolean;
}

export const Block = memo(
  BlockView,
  (before, after) => before.token.raw === after.token.raw && before.live === after.live,
);

function BlockView({ token, live }: BlockProps): ReactNode {
  if (isMath(token)) return <Formula tex={token.text} display={token.display} />;
  switch (token.type) {
    case "heading":
      return <Heading token={token as Tokens.Heading} />;
    case "paragraph":
      return (
        <p dir="auto">
          <Inline tokens={(token as Tokens.Paragraph).tokens} />
        </p>
      );
    case "text":
      return <Inline tokens={(token as Tokens.Text).tokens ?? [token]} />;
    case "code":
      return <Code token={token as Tokens.Code} live={live} />;
    case "list":
      return <List token={token as Tokens.List} live={live} />;
    case "table":
      return <Table token={token as Tokens.Table} />;
    case "blockquote":
      return (
        <blockquote dir="auto">
          <Blocks tokens={(token as Tokens.Blockquote).tokens} live={live} />
        </blockquote>
      );
    case "hr":
      return <hr />;
    case "footnoteDef":
      return <Footnote token={token as unknown as FootnoteDef} />;
    case "space":
    case "def":
    case "checkbox":
      return null;
    default:
      // raw HTML and anything unknown is shown as it was written
      return (
        <p className="raw" dir="auto">
          {token.raw.trimEnd()}
        </p>
      );
  }
}

export function Blocks({ tokens, live }: { tokens: Token[]; live: boolean }): ReactNode {
  return tokens.map((token, index) => (
    <Block key={index} token={token} live={live && index === tokens.length - 1} />
  ));
}

/** A message sits under the page's own headings, so its largest is an h2. */
function Heading({ token }: { token: Tokens.Heading }) {
  const Tag = `h${Math.min(6, token.depth + 1)}` as "h2";
  return (
    <Tag dir="auto">
      <Inline tokens={token.tokens} />
    </Tag>
  );
}

function Code({ token, live }: { token: Tokens.Code; live: boolean }) {
  const [lang = ""] = (token.lang ?? "").split(/\s/);
  const closed = !live || !isOpen(token.raw);
  if (lang === "mermaid" && closed) return <Mermaid code={token.text} />;
  return <CodeBlock code={token.text} info={token.lang ?? ""} lang={lang} live={!closed} />;
}

function List({ token, live }: { token: Tokens.List; live: boolean }) {
  const items = token.items.map((item, index) => (
    <ListItem key={index} item={item} raw={item.raw} live={live && index === token.items.length - 1} />
  ));
  return token.ordered ? (
    <ol dir="auto" start={Number(token.start) || 1}>
      {items}
    </ol>
  ) : (
    <ul dir="auto">{items}</ul>
  );
}

const ListItem = memo(
  function ListItem({ item, live }: { item: Tokens.ListItem; raw: string; live: boolean }) {
    const blocks = item.tokens.map((token, index) => <Block key={index} token={token} live={live} />);
    if (!item.task) return <li>{blocks}</li>;
    return (
      <li className="task">
        <span className={`task-box ${item.checked ? "is-done" : ""}`} aria-hidden="true" />
        <span className="visually-hidden">
          {item.checked ? <Trans>Done:</Trans> : <Trans>To do:</Trans>}{" "}
        </span>
        {blocks}
      </li>
    );
  },
  (before, after) => before.raw === after.raw && before.live === after.live,
);

function Footnote({ token }: { token: FootnoteDef }) {
  const { idOf, numberOf } = useFootnotes();
  return (
    <div className="footnote" id={idOf(token.label)}>
      <span className="cite">{numberOf(token.label)}</span>
      <p dir="auto">
        <Inline tokens={token.tokens} />
      </p>
    </div>
  );
}
