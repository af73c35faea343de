/** What the shell remembers while the tab lives. Lasting choices are preferences on the server. */
import { create } from "zustand";

interface ShellState {
  sidebarOpen: boolean;
  drawerOpen: boolean;
  online: boolean;
  setSidebar: (open: boolean) => void;
  setDrawer: (open: boolean) => void;
  setOnline: (online: boolean) => void;
}

export const useShell = create<ShellState>((set) => ({
  sidebarOpen: localStorage.getItem("freehold.sidebar") !== "closed",
  drawerOpen: false,
  online: true,
  setSidebar: (sidebarOpen) => {
    localStorage.setItem("freehold.sidebar", sidebarOpen ? "open" : "closed");
    set({ sidebarOpen });
  },
  setDrawer: (drawerOpen) => set({ drawerOpen }),
  setOnline: (online) => set({ online }),
}));
