import { useEffect, useEffectEvent, useState } from "react";
import { IMAGE_TYPES } from "./attachments";

/** Files dropped anywhere in the window, or pasted anywhere, go to `add`. True while something hovers. */
export function useFileDrop(add: (files: File[]) => void): boolean {
  const [hovering, setHovering] = useState(false);
  const take = useEffectEvent((files: File[]): boolean => {
    if (files.length > 0) add(files);
    return files.length > 0;
  });
  useEffect(() => {
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const over = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setHovering(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setHovering(false);
    };
    const drop = (event: DragEvent) => {
      setHovering(false);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      take(Array.from(event.dataTransfer?.files ?? []));
    };
    const paste = (event: ClipboardEvent) => {
      const files = Array.from(event.clipboardData?.files ?? []);
      // beside words an office program puts files of its own; a picture among them is wanted
      const words = event.clipboardData?.types.includes("text/plain");
      if (take(words ? files.filter((file) => IMAGE_TYPES.includes(file.type)) : files))
        event.preventDefault();
    };
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    window.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
      window.removeEventListener("paste", paste);
    };
  }, []);
  return hovering;
}
