/** Which chat one talks to without hands; in this tab alone, and one at a time. */
import { create } from "zustand";

/** The chat that the message one has just spoken begins. */
export const BEGUN = "begun";

export const useTalkScope = create<{ scope: string | null }>(() => ({ scope: null }));

export const talkIn = (scope: string | null) => useTalkScope.setState({ scope });
