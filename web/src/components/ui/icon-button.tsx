import type { ComponentProps } from "react";

export interface IconButtonProps extends Omit<ComponentProps<"button">, "aria-label"> {
  /** The name for screen readers and the tooltip. */
  label: string;
  keys?: string;
  side?: "top" | "bottom" | "left" | "right";
}

/** A button that is only an icon: always named, always with a tooltip (floating/tips.tsx draws it). */
export function IconButton({ label, keys, side = "bottom", className = "", ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      className={`icon-btn ${className}`}
      aria-label={label}
      data-tip={side}
      data-tip-keys={keys}
      {...rest}
    />
  );
}
