import { whenFloating } from "./floating";

export interface ToastOptions {
  /** Undo or another single action. */
  action?: { label: string; run: () => void };
  failed?: boolean;
  /** Milliseconds until it leaves; default 6,000, 10,000 with an action. */
  timeout?: number;
}

/** Says what happened. Callable from anywhere, also outside of React. */
export function toast(message: string, options: ToastOptions = {}): void {
  whenFloating((all) => all.showToast(message, options));
}
