import { useLingui } from "@lingui/react/macro";
import { type ReactElement, Suspense, useState } from "react";
import { Popover } from "@/components/ui/popover";
import { part } from "@/lib/part";

const Picker = part(() => import("./picker").then((module) => ({ default: module.Picker })));

interface PickerPopoverProps {
  trigger: ReactElement;
  current: string | undefined;
  /** The chat is kept in the house. */
  inHouse?: boolean;
  /** Models that are named are wanted: Auto is none. */
  withoutAuto?: boolean;
  onPick: (ref: string) => void;
}

/** Opens the model picker over its trigger. */
export function PickerPopover({ trigger, current, inHouse, withoutAuto, onPick }: PickerPopoverProps) {
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
          inHouse={inHouse}
          withoutAuto={withoutAuto}
          onPick={(ref) => {
            setOpen(false);
            onPick(ref);
          }}
        />
      </Suspense>
    </Popover>
  );
}
