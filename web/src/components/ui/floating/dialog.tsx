import { AlertDialog as BaseAlert } from "@base-ui/react/alert-dialog";
import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Button } from "../button";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  children?: ReactNode;
  wide?: boolean;
  /** A click outside does not close it: what it shows would be lost. */
  keep?: boolean;
  /** Buttons at the bottom, the main one last. */
  footer?: ReactNode;
}

export function Dialog({ open, onOpenChange, title, children, footer, wide, keep }: DialogProps) {
  return (
    <BaseDialog.Root open={open} onOpenChange={onOpenChange} disablePointerDismissal={keep}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="backdrop" />
        <BaseDialog.Popup className={`popover dialog-box ${wide ? "is-wide" : ""}`}>
          <BaseDialog.Title className="dialog-title">{title}</BaseDialog.Title>
          {children}
          {footer ? <div className="dialog-foot">{footer}</div> : null}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

export interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  children?: ReactNode;
  action: ReactNode;
  onConfirm: () => void;
}

export function Confirm({ open, onOpenChange, title, children, action, onConfirm }: ConfirmProps) {
  return (
    <BaseAlert.Root open={open} onOpenChange={onOpenChange}>
      <BaseAlert.Portal>
        <BaseAlert.Backdrop className="backdrop" />
        <BaseAlert.Popup className="popover dialog-box">
          <BaseAlert.Title className="dialog-title">{title}</BaseAlert.Title>
          {children ? <BaseAlert.Description className="quiet">{children}</BaseAlert.Description> : null}
          <div className="dialog-foot">
            <BaseAlert.Close render={<Button variant="ghost" />}>
              <Trans>Keep</Trans>
            </BaseAlert.Close>
            <Button
              variant="danger"
              onClick={() => {
                onConfirm();
                onOpenChange(false);
              }}
            >
              {action}
            </Button>
          </div>
        </BaseAlert.Popup>
      </BaseAlert.Portal>
    </BaseAlert.Root>
  );
}

export interface DrawerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  label: string;
  children: ReactNode;
}

export function Drawer({ open, onOpenChange, label, children }: DrawerProps) {
  return (
    <BaseDialog.Root open={open} onOpenChange={onOpenChange}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="backdrop" />
        <BaseDialog.Popup className="drawer-side" aria-label={label}>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
