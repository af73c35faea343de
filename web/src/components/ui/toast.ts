import { whenFloating } from "./floating";

export interface ToastOptions {
  /** Takes it back: by the button, or by the keys that undo while nothing is being typed. */
  undo?: () => void;
  failed?: boolean;
  /** Milliseconds until it leaves; default 6,000, 10,000 with something to undo. */
  timeout?: number;
}

/** Says what happened. Callable from anywhere, also outside of React. */
export function toast(message: string, options: ToastOptions = {}): void {
  whenFloating((all) => all.showToast(message, options));
}
