import { useEffect, useRef, useState } from "react";

const BARS = 24;

/** The last moments, as bars; nothing but a dot where the browser does not tell how loud it is. */
export function Level({ level }: { level: () => number | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [blind, setBlind] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: reads what is there at each moment
  useEffect(() => {
    const past: number[] = new Array(BARS).fill(0);
    let frame = 0;
    let last = 0;
    const draw = (now: number) => {
      frame = requestAnimationFrame(draw);
      if (now - last < 60) return;
      last = now;
      const loud = level();
      if (loud === null) setBlind(true);
      const pen = canvas.current?.getContext("2d");
      if (!pen || !canvas.current) return;
      past.push(loud ?? 0);
      past.shift();
      const { width, height } = canvas.current;
      pen.clearRect(0, 0, width, height);
      pen.fillStyle = getComputedStyle(canvas.current).color;
      for (const [at, value] of past.entries()) {
        const tall = Math.max(4, value * height);
        pen.fillRect((at * width) / BARS, (height - tall) / 2, width / BARS / 2, tall);
      }
      canvas.current.dataset.level = (loud ?? 0).toFixed(2);
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, []);
  return blind ? (
    <span className="dictation-dot" aria-hidden="true" />
  ) : (
    <canvas ref={canvas} className="dictation-level" width={192} height={48} />
  );
}
