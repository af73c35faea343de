import { Trans, useLingui } from "@lingui/react/macro";
import { Code, Download } from "lucide-react";
import { useEffect, useState } from "react";
import { Bones } from "@/components/ui/bones";
import { IconButton } from "@/components/ui/icon-button";
import { saveText } from "@/lib/save-file";
import { useThemeName } from "@/lib/theme";
import { CodeBlock } from "./code-block";
import { CopyButton } from "./copy-button";
import { type Drawing, drawMermaid } from "./mermaid-frame";

/** A diagram as a picture; its source is one click away, and what is shown when it cannot be drawn. */
export function Mermaid({ code }: { code: string }) {
  const { t } = useLingui();
  const theme = useThemeName();
  const [drawing, setDrawing] = useState<Drawing | Error | null>(null);
  const [source, setSource] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme's colours are part of the drawing
  useEffect(() => {
    let current = true;
    drawMermaid(code).then(
      (done) => current && setDrawing(done),
      (error: Error) => current && setDrawing(error),
    );
    return () => {
      current = false;
    };
  }, [code, theme]);

  if (drawing instanceof Error) {
    return (
      <>
        <CodeBlock code={code} info="mermaid" lang="mermaid" live={false} />
        <p className="hint sm" title={drawing.message}>
          <Trans>This diagram cannot be drawn; its source is above.</Trans>
        </p>
      </>
    );
  }
  return (
    <figure className="code diagram">
      <div className="code-head">
        <span>
          <Trans>Diagram</Trans>
        </span>
        <span className="grow" />
        <IconButton
          label={source ? t`Show diagram` : t`Show source`}
          aria-pressed={source}
          className={source ? "is-on" : ""}
          onClick={() => setSource(!source)}
        >
          <Code className="i-14" />
        </IconButton>
        {drawing ? (
          <IconButton
            label={t`Download SVG`}
            onClick={() => saveText("diagram.svg", drawing.svg, "image/svg+xml")}
          >
            <Download className="i-14" />
          </IconButton>
        ) : null}
        <CopyButton label={t`Copy source`} content={() => code} />
      </div>
      {source ? (
        <pre>{code}</pre>
      ) : drawing ? (
        <Picture drawing={drawing} />
      ) : (
        <Bones className="p-4" widths={[50, 70, 40]} />
      )}
    </figure>
  );
}

/** As an image the SVG can neither run scripts nor load anything. */
function Picture({ drawing }: { drawing: Drawing }) {
  const { t } = useLingui();
  const [address, setAddress] = useState("");
  useEffect(() => {
    const url = URL.createObjectURL(new Blob([drawing.svg], { type: "image/svg+xml" }));
    setAddress(url);
    return () => URL.revokeObjectURL(url);
  }, [drawing]);
  return (
    <div className="diagram-sheet">
      {address ? <img src={address} width={drawing.width} height={drawing.height} alt={t`Diagram`} /> : null}
    </div>
  );
}
