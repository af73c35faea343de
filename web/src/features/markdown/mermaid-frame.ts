/**
 * Draws diagrams in a frame of its own. Mermaid needs inline styles, which the app's policy forbids, and it is a large
 * parser fed by a model: the frame is sandboxed (opaque origin, scripts only), gets text and gives back SVG text.
 */

export interface Drawing {
  svg: string;
  width: number;
  height: number;
}

interface Answer extends Partial<Drawing> {
  id: number;
  error?: string;
}

const TIMEOUT_MS = 20_000;
const waiting = new Map<number, { resolve: (drawing: Drawing) => void; reject: (error: Error) => void }>();
let frame: Promise<HTMLIFrameElement> | null = null;
let next = 1;

function openFrame(): Promise<HTMLIFrameElement> {
  return new Promise((resolve, reject) => {
    const element = document.createElement("iframe");
    element.setAttribute("sandbox", "allow-scripts");
    element.src = "/frames/mermaid.html";
    element.title = "Mermaid";
    element.className = "offstage";
    element.tabIndex = -1;
    element.setAttribute("aria-hidden", "true");
    const timer = window.setTimeout(() => {
      frame = null;
      element.remove();
      reject(new Error("The diagram frame did not load."));
    }, TIMEOUT_MS);
    window.addEventListener("message", (event: MessageEvent<Answer | { ready: true }>) => {
      if (event.source !== element.contentWindow) return;
      if ("ready" in event.data) {
        window.clearTimeout(timer);
        resolve(element);
      } else settle(event.data);
    });
    document.body.append(element);
  });
}

function settle({ id, error, svg, width, height }: Answer): void {
  const asked = waiting.get(id);
  waiting.delete(id);
  if (svg) asked?.resolve({ svg, width: width ?? 0, height: height ?? 0 });
  else asked?.reject(new Error(error ?? "The diagram could not be drawn."));
}

/** The colours of the present theme, for the diagram. */
function colours(): Record<string, string> {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    background: read("--card"),
    primaryColor: read("--muted"),
    primaryTextColor: read("--foreground"),
    primaryBorderColor: read("--border-strong"),
    secondaryColor: read("--primary-soft"),
    tertiaryColor: read("--background"),
    lineColor: read("--muted-foreground"),
    textColor: read("--foreground"),
    edgeLabelBackground: read("--card"),
    noteBkgColor: read("--warning-soft"),
    noteTextColor: read("--foreground"),
    fontFamily: read("--font-sans"),
  };
}

/** Draws `code`. Rejects with Mermaid's own sentence when it is not a valid diagram. */
export async function drawMermaid(code: string): Promise<Drawing> {
  frame ??= openFrame();
  const { contentWindow } = await frame;
  const id = next;
  next += 1;
  return new Promise<Drawing>((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    window.setTimeout(() => settle({ id, error: "The diagram took too long." }), TIMEOUT_MS);
    const dark = document.documentElement.dataset.theme === "dark";
    // the frame's origin is opaque, so there is none to name
    contentWindow?.postMessage({ id, code, dark, colours: colours() }, "*");
  });
}
