import { Popover } from "@base-ui/react/popover";
import { useLingui } from "@lingui/react/macro";
import { lazy, type ReactElement, Suspense, useState } from "react";

const Picker = lazy(() => import("./picker").then((module) => ({ default: module.Picker })));

interface PickerPopoverProps {
  trigger: ReactElement;
  current: string | undefined;
  onPick: (ref: string) => void;
}

/** Opens the model picker over its trigger. */
export function PickerPopover({ trigger, current, onPick }: PickerPopoverProps) {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger render={trigger} />
      <Popover.Portal>
        <Popover.Positioner
          side="top"
          align="end"
          sideOffset={12}
          collisionPadding={8}
          collisionAvoidance={{ side: "flip", align: "shift", fallbackAxisSide: "none" }}
          className="floating"
        >
          <Popover.Popup className="popover picker" aria-label={t`Choose a model`}>
            <Suspense>
              <Picker
                current={current}
                onPick={(ref) => {
                  setOpen(false);
                  onPick(ref);
                }}
              />
            </Suspense>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
