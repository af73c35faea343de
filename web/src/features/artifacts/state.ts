/** Which artifact is open beside the chat, and what the reader made of it. Lives as long as the tab. */
import { createContext } from "react";
import { create } from "zustand";

/** The message whose code blocks can be opened; none where there is no chat around them. */
export const ArtifactPlace = createContext<{ threadId: string; messageId: string } | null>(null);

export interface Opened {
  threadId: string;
  messageId: string;
  /** The artifact's number among those of its message. */
  at: number;
  /** The reader's own version of it. */
  own: boolean;
}

interface Artifacts {
  opened: Opened | null;
  /** Counts how often something was opened: each time the focus moves in. */
  times: number;
  wide: boolean;
  /** The reader's own versions, by `keyOf`. */
  own: Record<string, string>;
}

export const useArtifacts = create<Artifacts>(() => ({ opened: null, times: 0, wide: false, own: {} }));

/** Where the focus goes back to. */
let opener: Element | null = null;

export const keyOf = ({ messageId, at }: Pick<Opened, "messageId" | "at">) => `${messageId} ${at}`;

export function openArtifact(opened: Omit<Opened, "own">): void {
  opener = document.activeElement;
  useArtifacts.setState(({ times, own }) => ({
    opened: { ...opened, own: keyOf(opened) in own },
    times: times + 1,
  }));
}

/** Shows another version. */
export function showArtifact(opened: Opened): void {
  useArtifacts.setState({ opened });
}

export function closeArtifact(): void {
  if (!useArtifacts.getState().opened) return;
  useArtifacts.setState({ opened: null, wide: false });
  const back = opener;
  opener = null;
  // the chat may have been hidden behind the panel until now
  requestAnimationFrame(() => back instanceof HTMLElement && back.isConnected && back.focus());
}

/** Keeps what the reader wrote; the model's own words take it away again. */
export function writeOwn(opened: Opened, code: string, original: string): void {
  useArtifacts.setState(({ own }) => {
    const { [keyOf(opened)]: _before, ...rest } = own;
    const changed = code !== original;
    return {
      own: changed ? { ...rest, [keyOf(opened)]: code } : rest,
      opened: { ...opened, own: changed },
    };
  });
}
