import { create } from "zustand";

/** What lies over the page: the palette, the palette with models alone, the sheet of shortcuts. */
export type Shown = "palette" | "models" | "sheet" | null;

interface Centre {
  shown: Shown;
  /** What was typed for the palette before it was there. */
  early: string;
  show: (shown: Shown) => void;
  typeEarly: (key: string) => void;
}

export const useCentre = create<Centre>((set) => ({
  shown: null,
  early: "",
  show: (shown) => set({ shown, early: "" }),
  typeEarly: (key) => set(({ early }) => ({ early: early + key })),
}));
