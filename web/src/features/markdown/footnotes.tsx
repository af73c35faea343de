import { createContext, use } from "react";

interface Footnotes {
  idOf: (label: string) => string;
  numberOf: (label: string) => string;
}

/** Names footnotes so that two messages on one page do not share ids. */
export const FootnoteContext = createContext<Footnotes>({
  idOf: (label) => `fn-${label}`,
  numberOf: (label) => label,
});

export const useFootnotes = () => use(FootnoteContext);

/** Numbers are given in the order in which labels are first asked for. */
export function makeFootnotes(prefix: string): Footnotes {
  const labels: string[] = [];
  return {
    idOf: (label) => `fn-${prefix}-${label.replace(/[^\w-]/g, "_")}`,
    numberOf: (label) => {
      if (/^\d+$/.test(label)) return label;
      if (!labels.includes(label)) labels.push(label);
      return String(labels.indexOf(label) + 1);
    },
  };
}
