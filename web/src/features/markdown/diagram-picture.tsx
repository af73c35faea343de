import { useLingui } from "@lingui/react/macro";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Drawing } from "./mermaid-frame";

/** Each step of the zoom, and how far it goes; 1 is as wide as there is room. */
const STEP = 1.25;
const FURTHEST = 8;

export const zoomed = (zoom: number, steps: number) =>
  Math.min(FURTHEST, Math.max(1, Math.round(zoom * STEP ** steps * 100) / 100));

interface PictureProps {
  drawing: Drawing;
  zoom: number;
  onZoom: (change: (zoom: number) => number) => void;
}

/** As an image the SVG can neither run scripts nor load anything. What is larger than its place is scrolled. */
export function Picture({ drawing, zoom, onZoom }: PictureProps) {
  const { t } = useLingui();
  const sheet = useRef<HTMLDivElement>(null);
  const [address, setAddress] = useState("");
  useEffect(() => {
    const url = URL.createObjectURL(new Blob([drawing.svg], { type: "image/svg+xml" }));
    setAddress(url);
    return () => URL.revokeObjectURL(url);
  }, [drawing]);
  useEffect(() => {
    // React's own listener is passive and could not keep the page from being zoomed
    const turn = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      onZoom((before) => zoomed(before, event.deltaY < 0 ? 1 : -1));
    };
    const box = sheet.current;
    box?.addEventListener("wheel", turn, { passive: false });
    return () => box?.removeEventListener("wheel", turn);
  }, [onZoom]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { "+": 1, "=": 1, "-": -1 }[event.key];
    if (steps) onZoom((before) => zoomed(before, steps));
    else if (event.key === "0") onZoom(() => 1);
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={sheet}
      className="diagram-sheet scroll"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls and takes keys must be reachable by keyboard
      tabIndex={0}
      role="group"
      aria-label={t`Diagram, zoom with + and -`}
      onKeyDown={onKeyDown}
    >
      {address ? (
        <img
          src={address}
          width={drawing.width}
          height={drawing.height}
          alt={t`Diagram`}
          style={zoom > 1 ? { width: `${zoom * 100}%`, maxWidth: "none" } : undefined}
        />
      ) : null}
    </div>
  );
}
