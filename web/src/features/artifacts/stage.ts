/**
 * Shows documents that a model wrote in sandboxed frames, one after the other: the next is drawn behind the present one and takes
 * its place when it is there, so that a growing document does not flicker. Each gets a frame of its own, because scripts
 * leave timers and names behind.
 */

/** Not more often than this, in milliseconds. */
const SHORTEST_MS = 500;
/** A document that is not drawn by then is shown as it is: its script may never end. */
const PATIENCE_MS = 2000;

export interface Hears {
  /** Escape was pressed in what is shown. */
  escape(): void;
  /** Another document begins. */
  begin?(): void;
  /** What the newest document says of its troubles; anything at all may stand in it. */
  trouble?(said: unknown): void;
}

export class Stage {
  private wanted: string | null = null;
  private title = "";
  private coming: HTMLIFrameElement | null = null;
  private shown: HTMLIFrameElement | null = null;
  private startedAt = Number.NEGATIVE_INFINITY;
  private timer = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly hears: Hears,
  ) {
    window.addEventListener("message", this.hear);
  }

  show(html: string, title: string): void {
    this.wanted = html;
    this.title = title;
    if (!this.coming) this.plan();
  }

  close(): void {
    window.removeEventListener("message", this.hear);
    window.clearTimeout(this.timer);
    this.box.replaceChildren();
  }

  private plan(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(
      () => this.start(),
      Math.max(0, this.startedAt + SHORTEST_MS - performance.now()),
    );
  }

  private start(): void {
    this.startedAt = performance.now();
    this.hears.begin?.();
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.src = "/artifact-frame";
    frame.title = this.title;
    frame.className = "artifact-frame is-coming";
    this.coming = frame;
    this.box.append(frame);
    this.timer = window.setTimeout(() => this.swap(), PATIENCE_MS);
  }

  private swap(): void {
    window.clearTimeout(this.timer);
    if (!this.coming) return;
    this.shown?.remove();
    this.shown = this.coming;
    this.coming = null;
    this.shown.classList.remove("is-coming");
    if (this.wanted !== null) this.plan();
  }

  private readonly hear = ({ source, data }: MessageEvent): void => {
    if (source && data?.trouble && source === (this.coming ?? this.shown)?.contentWindow)
      this.hears.trouble?.(data.trouble);
    else if (source && source === this.coming?.contentWindow) {
      if (data?.ready && this.wanted !== null) {
        // the frame's origin is opaque, so there is none to name
        this.coming.contentWindow?.postMessage({ html: this.wanted }, "*");
        this.wanted = null;
      } else if (data?.drawn) this.swap();
    } else if (source && source === this.shown?.contentWindow && data?.escape) {
      // only what has the keyboard may speak of keys
      if (document.activeElement === this.shown) this.hears.escape();
    }
  };
}
