/** Inline tokens to React elements. Raw HTML stays text, remote images are never loaded. */

import { Trans } from "@lingui/react/macro";
import { Image as ImageIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useFootnotes } from "./footnotes";
import { Formula } from "./formula";
import { type FootnoteRef, isMath, type Token, type Tokens } from "./lex";

/** Addresses that may be opened from a model's text. */
export function safeHref(href: string): string | undefined {
  try {
    const url = new URL(href, "https://relative.invalid");
    if (url.hostname === "relative.invalid") return undefined;
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

const entity = /&(?:#x?[0-9a-f]+|[a-z][a-z0-9]*);/gi;
const decoder = typeof document === "undefined" ? null : document.createElement("textarea");

/** marked leaves character references as they were written. A textarea decodes them and never runs anything. */
function decode(text: string): string {
  if (!decoder || !text.includes("&")) return text;
  return text.replace(entity, (reference) => {
    decoder.innerHTML = reference;
    return decoder.value;
  });
}

export function Inline({ tokens }: { tokens: Token[] | undefined }): ReactNode {
  return tokens?.map((token, index) => <InlineToken key={index} token={token} />);
}

function InlineToken({ token }: { token: Token }): ReactNode {
  if (isMath(token)) return <Formula tex={token.text} display={token.display} />;
  const { tokens } = token as Tokens.Generic;
  switch (token.type) {
    case "text":
      return tokens ? <Inline tokens={tokens} /> : decode((token as Tokens.Text).text);
    case "escape":
      return (token as Tokens.Escape).text;
    case "strong":
      return (
        <strong>
          <Inline tokens={tokens} />
        </strong>
      );
    case "em":
      return (
        <em>
          <Inline tokens={tokens} />
        </em>
      );
    case "del":
      return (
        <del>
          <Inline tokens={tokens} />
        </del>
      );
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link":
      return <OutsideLink token={token as Tokens.Link} />;
    case "image":
      return <RemoteImage token={token as Tokens.Image} />;
    case "footnoteRef":
      return <FootnoteMark token={token as unknown as FootnoteRef} />;
    default:
      return token.raw;
  }
}

function OutsideLink({ token }: { token: Tokens.Link }) {
  const href = safeHref(token.href);
  if (!href) return <Inline tokens={token.tokens} />;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={token.title ?? undefined}>
      <Inline tokens={token.tokens} />
    </a>
  );
}

/** A picture elsewhere would tell its host who reads what; so it is a button that says where it would go. */
function RemoteImage({ token }: { token: Tokens.Image }) {
  const { href, text } = token;
  if (/^data:image\/(?:png|jpeg|gif|webp);base64,/.test(href))
    return <img className="inline-image" src={href} alt={text} />;
  const target = safeHref(href);
  if (!target) return <>{text || token.raw}</>;
  const host = new URL(target).host;
  return (
    <a className="remote-image" href={target} target="_blank" rel="noopener noreferrer nofollow">
      <ImageIcon />
      <span className="clip">{text || <Trans>Image</Trans>}</span>
      <span className="hint">
        <Trans>not loaded · open at {host}</Trans>
      </span>
    </a>
  );
}

function FootnoteMark({ token }: { token: FootnoteRef }) {
  const { idOf, numberOf } = useFootnotes();
  const show = (event: React.MouseEvent) => {
    event.preventDefault();
    document.getElementById(idOf(token.label))?.scrollIntoView({ block: "center" });
  };
  return (
    <>
      {"\u2060"}
      <a className="cite" href={`#${idOf(token.label)}`} onClick={show}>
        {numberOf(token.label)}
      </a>
    </>
  );
}
