import { Trans, useLingui } from "@lingui/react/macro";
import { Code, Download, ImageDown, ZoomIn, ZoomOut } from "lucide-react";
import { useEffect, useState } from "react";
import { Bones } from "@/components/ui/bones";
import { IconButton } from "@/components/ui/icon-button";
import { PreviewButton } from "@/features/artifacts/preview-button";
import { useReport } from "@/features/errors/report";
import { saveBlob, saveText } from "@/lib/save-file";
import { useThemeName } from "@/lib/theme";
import { CodeBlock } from "./code-block";
import { CopyButton } from "./copy-button";
import { Picture, zoomed } from "./diagram-picture";
import { pngOf } from "./diagram-png";
import { type Drawing, drawMermaid } from "./mermaid-frame";

/** A diagram as a picture; its source is one click away, and what is shown when it cannot be drawn. */
export function Mermaid({ code }: { code: string }) {
  const { t } = useLingui();
  const report = useReport();
  const theme = useThemeName();
  const [drawing, setDrawing] = useState<Drawing | Error | null>(null);
  const [source, setSource] = useState(false);
  const [zoom, setZoom] = useState(1);
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
        <PreviewButton />
        <IconButton
          label={source ? t`Show diagram` : t`Show source`}
          aria-pressed={source}
          className={source ? "is-on" : ""}
          onClick={() => setSource(!source)}
        >
          <Code className="i-14" />
        </IconButton>
        {drawing ? (
          <>
            <IconButton
              label={t`Zoom out`}
              aria-disabled={source || zoom === 1}
              onClick={() => setZoom(zoomed(zoom, -1))}
            >
              <ZoomOut className="i-14" />
            </IconButton>
            <IconButton label={t`Zoom in`} aria-disabled={source} onClick={() => setZoom(zoomed(zoom, 1))}>
              <ZoomIn className="i-14" />
            </IconButton>
            <IconButton
              label={t`Download SVG`}
              onClick={() => saveText("diagram.svg", drawing.svg, "image/svg+xml")}
            >
              <Download className="i-14" />
            </IconButton>
            <IconButton
              label={t`Download PNG`}
              onClick={() => void pngOf(drawing).then((png) => saveBlob("diagram.png", png), report)}
            >
              <ImageDown className="i-14" />
            </IconButton>
          </>
        ) : null}
        <CopyButton label={t`Copy source`} content={() => code} />
      </div>
      {source ? (
        <pre>{code}</pre>
      ) : drawing ? (
        <Picture drawing={drawing} zoom={zoom} onZoom={setZoom} />
      ) : (
        <Bones className="p-4" widths={[50, 70, 40]} />
      )}
    </figure>
  );
}
