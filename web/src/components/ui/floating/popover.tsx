import { Popover as BasePopover } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";

export interface PopoverProps {
  trigger: ReactElement;
  /** Name of the sheet for screen readers. */
  label: string;
  className?: string;
  align?: "start" | "end";
  /** Pixels between the trigger and the sheet. */
  gap?: number;
  open?: boolean;
  defaultOpen?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}

export function Popover({
  trigger,
  label,
  className,
  align = "start",
  gap,
  children,
  ...state
}: PopoverProps) {
  return (
    <BasePopover.Root {...state}>
      <BasePopover.Trigger render={trigger} />
      <BasePopover.Portal>
        <BasePopover.Positioner
          side="top"
          align={align}
          sideOffset={gap ?? 4}
          collisionPadding={8}
          collisionAvoidance={{ side: "flip", align: "shift", fallbackAxisSide: "none" }}
          className="floating"
        >
          <BasePopover.Popup className={`popover ${className}`} aria-label={label}>
            {children}
          </BasePopover.Popup>
        </BasePopover.Positioner>
      </BasePopover.Portal>
    </BasePopover.Root>
  );
}
