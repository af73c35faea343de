import { Tooltip } from "@base-ui/react/tooltip";
import type { ComponentProps, ReactNode } from "react";

export interface IconButtonProps extends Omit<ComponentProps<"button">, "aria-label"> {
  /** The name for screen readers and the tooltip. */
  label: string;
  keys?: string;
  side?: "top" | "bottom" | "left" | "right";
  children?: ReactNode;
}

/** A button that is only an icon: always named, always with a tooltip. */
export function IconButton({
  label,
  keys,
  side = "bottom",
  className = "",
  children,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger
        render={<button type="button" className={`icon-btn ${className}`} aria-label={label} {...rest} />}
      >
        {children}
      </Tooltip.Trigger>
      <Tip side={side} keys={keys}>
        {label}
      </Tip>
    </Tooltip.Root>
  );
}

/** The floating word of a tooltip; goes inside a Tooltip.Root. */
export function Tip({
  children,
  keys,
  side = "bottom",
}: {
  children: ReactNode;
  keys?: string;
  side?: IconButtonProps["side"];
}) {
  return (
    <Tooltip.Portal>
      <Tooltip.Positioner side={side} sideOffset={6} className="floating">
        <Tooltip.Popup className="tip">
          {children}
          {keys ? <span className="kbd">{keys}</span> : null}
        </Tooltip.Popup>
      </Tooltip.Positioner>
    </Tooltip.Portal>
  );
}
