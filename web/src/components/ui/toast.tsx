import { Toast } from "@base-ui/react/toast";
import { useLingui } from "@lingui/react/macro";
import { Check, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./icon-button";

interface ToastOptions {
  /** Undo or another single action. */
  action?: { label: string; run: () => void };
  failed?: boolean;
  /** Milliseconds until it leaves; default 6,000, 10,000 with an action. */
  timeout?: number;
}

const manager = Toast.createToastManager<{ failed?: boolean }>();

/** Says what happened. Callable from anywhere, also outside of React. */
export function toast(message: string, { action, failed, timeout }: ToastOptions = {}): void {
  const id = manager.add({
    title: message,
    timeout: timeout ?? (action || failed ? 10_000 : 6_000),
    priority: failed ? "high" : "low",
    data: { failed },
    actionProps: action && {
      children: action.label,
      onClick: () => {
        manager.close(id);
        action.run();
      },
    },
  });
}

/** Holds the toasts; once around the app. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const { t } = useLingui();
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="toasts" aria-label={t`Notifications`}>
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { t } = useLingui();
  const { toasts } = Toast.useToastManager<{ failed?: boolean }>();
  return toasts.map((item) => (
    <Toast.Root
      key={item.id}
      toast={item}
      className={`popover toast ${item.data?.failed ? "is-failed" : ""}`}
    >
      {item.data?.failed ? <TriangleAlert /> : <Check />}
      <Toast.Title className="grow" render={<span />} />
      {item.actionProps ? <Toast.Action className="btn btn-ghost btn-sm" /> : null}
      <Toast.Close render={<IconButton label={t`Close`} />}>
        <X className="i-14" />
      </Toast.Close>
    </Toast.Root>
  ));
}
