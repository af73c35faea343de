import { useLingui } from "@lingui/react/macro";
import { FileSpreadsheet } from "lucide-react";
import { use, useRef } from "react";
import { ArtifactPlace } from "@/features/artifacts/state";
import { useIsSelecting } from "@/features/chat/select/state";
import { CopyButton } from "./copy-button";
import { csv } from "./csv";
import { Inline } from "./inline";
import type { Tokens } from "./lex";

/** A table that scrolls by itself; copied, it pastes into a sheet as cells and into text as Markdown. */
export function Table({ token }: { token: Tokens.Table }) {
  const { t } = useLingui();
  const table = useRef<HTMLTableElement>(null);
  const selecting = useIsSelecting(use(ArtifactPlace)?.threadId);
  const align = (index: number) =>
    token.align[index] === "right" ? "num" : token.align[index] === "center" ? "text-center" : undefined;
  const content = () =>
    new ClipboardItem({
      "text/plain": new Blob([token.raw.trim()], { type: "text/plain" }),
      "text/html": new Blob([plainHtml(table.current)], { type: "text/html" }),
    });
  return (
    <div className="table-box">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="table-wrap" tabIndex={0} role="group" aria-label={t`Table`}>
        <table ref={table} dir="auto">
          <thead>
            <tr>
              {token.header.map((cell, index) => (
                <th key={index} className={align(index)}>
                  <Inline tokens={cell.tokens} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {token.rows.map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) => (
                  <td key={column} className={align(column)}>
                    <Inline tokens={cell.tokens} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="table-copy" inert={selecting}>
        <CopyButton
          label={t`Copy as CSV`}
          content={() => csv(rowsOf(table.current))}
          icon={<FileSpreadsheet className="i-14" />}
        />
        <CopyButton label={t`Copy table`} content={content} />
      </div>
    </div>
  );
}

/** The words of the cells; of a formula, its source. */
function rowsOf(table: HTMLTableElement | null): string[][] {
  const words = (cell: Element) => {
    const clone = cell.cloneNode(true) as Element;
    for (const formula of clone.querySelectorAll(".math, .math-inline"))
      formula.textContent = (formula.querySelector("annotation") ?? formula).textContent;
    return (clone.textContent ?? "").trim();
  };
  return [...(table?.rows ?? [])].map((row) => [...row.cells].map(words));
}

/** The table without our classes, for other programs. */
function plainHtml(table: HTMLTableElement | null): string {
  if (!table) return "";
  const clone = table.cloneNode(true) as HTMLTableElement;
  for (const element of clone.querySelectorAll("*")) {
    for (const { name } of [...element.attributes]) element.removeAttribute(name);
  }
  return `<table>${clone.innerHTML}</table>`;
}
