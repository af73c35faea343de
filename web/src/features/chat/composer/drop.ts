import { useEffect, useEffectEvent, useState } from "react";
import { IMAGE_TYPES } from "./attachments";

/** Images dropped anywhere in the window, or pasted anywhere, go to `add`. True while something hovers. */
export function useFileDrop(add: (files: File[]) => void): boolean {
  const [hovering, setHovering] = useState(false);
  const take = useEffectEvent((files: Iterable<File> | undefined): boolean => {
    const images = Array.from(files ?? []).filter((file) => IMAGE_TYPES.includes(file.type));
    if (images.length > 0) add(images);
    return images.length > 0;
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
      take(event.dataTransfer?.files);
    };
    const paste = (event: ClipboardEvent) => {
      if (take(event.clipboardData?.files)) event.preventDefault();
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
