/** How long an unused frame stays: some browsers tell nobody that the print window is closed. */
const FRAME_MS = 600_000;

/** Opens the print window for a page of this server. The frame it is in runs nothing: it has no `allow-scripts`. */
export function printPage(address: string): void {
  const frame = document.createElement("iframe");
  frame.className = "print-frame";
  frame.setAttribute("sandbox", "allow-same-origin allow-modals");
  frame.setAttribute("aria-hidden", "true");
  frame.tabIndex = -1;
  frame.src = address;
  frame.onload = () => {
    const page = frame.contentWindow;
    if (!page) return;
    page.addEventListener("afterprint", () => frame.remove());
    page.print();
  };
  document.body.append(frame);
  window.setTimeout(() => frame.remove(), FRAME_MS);
}
