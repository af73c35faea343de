import { useLingui } from "@lingui/react/macro";
import { lazy, type ReactElement, Suspense, useState } from "react";
import { Popover } from "@/components/ui/popover";

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
    <Popover
      label={t`Choose a model`}
      className="picker"
      align="end"
      gap={12}
      open={open}
      onOpenChange={setOpen}
      trigger={trigger}
    >
      <Suspense>
        <Picker
          current={current}
          onPick={(ref) => {
            setOpen(false);
            onPick(ref);
          }}
        />
      </Suspense>
    </Popover>
  );
}
