/** A drawing as a picture of dots. */
import type { Drawing } from "./mermaid-frame";

/** Dots per unit of the drawing, and the longest side that browsers draw everywhere. */
const SCALE = 2;
const LONGEST = 8192;

/** As PNG, on the background of the page: its colours were chosen for that. */
export async function pngOf({ svg, width, height }: Drawing): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const scale = Math.min(SCALE, LONGEST / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(width * scale);
    canvas.height = Math.ceil(height * scale);
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("There is no canvas.");
    pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--card").trim();
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new Error("It could not be drawn."))),
        "image/png",
      ),
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}
