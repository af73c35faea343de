import { Toast } from "@base-ui/react/toast";
import { useLingui } from "@lingui/react/macro";
import { Check, TriangleAlert, X } from "lucide-react";
import { useEffect } from "react";
import { IconButton } from "../icon-button";
import type { ToastOptions } from "../toast";

const manager = Toast.createToastManager<{ failed?: boolean }>();
let drawn: () => void;
/** What is added before there is somebody to hear it would be lost. */
const listening = new Promise<void>((resolve) => {
  drawn = resolve;
});

export async function showToast(message: string, { action, failed, timeout }: ToastOptions): Promise<void> {
  await listening;
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

/** Holds the toasts; once in the app. */
export function Toasts() {
  const { t } = useLingui();
  useEffect(() => drawn(), []);
  return (
    <Toast.Provider toastManager={manager} limit={3}>
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
