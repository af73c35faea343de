import { useEffect, useRef } from "react";

const AGAIN_AFTER_MS = 5000;

type Katex = typeof import("katex").default;
let loading: Promise<Katex> | null = null;

/** KaTeX and its style sheet come with the first formula. */
function loadKatex(): Promise<Katex> {
  loading ??= Promise.all([import("katex"), import("katex/dist/katex.min.css")]).then(
    ([module]) => module.default,
    (error) => {
      loading = null; // the line may be back at the next try
      throw error;
    },
  );
  return loading;
}

/** A formula in TeX. Until KaTeX is there, and when it is not valid, its source is shown. */
export function Formula({ tex, display }: { tex: string; display: boolean }) {
  const element = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let current = true;
    let again = 0;
    const draw = async () => {
      let katex: Katex;
      try {
        katex = await loadKatex();
      } catch {
        // its source stands there meanwhile
        if (current) again = window.setTimeout(draw, AGAIN_AFTER_MS);
        return;
      }
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
    };
    void draw();
    return () => {
      current = false;
      window.clearTimeout(again);
    };
  }, [tex, display]);
  // the key makes React start over instead of touching what KaTeX drew
  return (
    <span key={tex} ref={element} className={display ? "math" : "math-inline"}>
      {tex}
    </span>
  );
}
