import { useEffect, useRef } from "react";

type Katex = typeof import("katex").default;
let loading: Promise<Katex> | null = null;

/** KaTeX and its style sheet come with the first formula. */
function loadKatex(): Promise<Katex> {
  loading ??= Promise.all([import("katex"), import("katex/dist/katex.min.css")]).then(
    ([module]) => module.default,
  );
  return loading;
}

/** A formula in TeX. Until KaTeX is there, and when it is not valid, its source is shown. */
export function Formula({ tex, display }: { tex: string; display: boolean }) {
  const element = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let current = true;
    void loadKatex().then((katex) => {
      if (!current || !element.current) return;
      katex.render(tex, element.current, {
        displayMode: display,
        throwOnError: false,
        errorColor: "var(--destructive)",
        strict: "ignore",
        trust: false,
        maxSize: 20,
        maxExpand: 500,
      });
    });
    return () => {
      current = false;
    };
  }, [tex, display]);
  // the key makes React start over instead of touching what KaTeX drew
  return (
    <span key={tex} ref={element} className={display ? "math" : "math-inline"}>
      {tex}
    </span>
  );
}
