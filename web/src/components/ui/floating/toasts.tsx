import { Toast } from "@base-ui/react/toast";
import { Trans, useLingui } from "@lingui/react/macro";
import { Check, TriangleAlert, X } from "lucide-react";
import { useEffect } from "react";
import { useCommand } from "@/features/commands/registry";
import { useKeys } from "@/features/commands/use-keys";
import { ariaKeys, keysLabel } from "@/lib/keys";
import { IconButton } from "../icon-button";
import type { ToastOptions } from "../toast";

interface Said {
  failed?: boolean;
  undo?: () => void;
}

const manager = Toast.createToastManager<Said>();
let drawn: () => void;
/** What is added before there is somebody to hear it would be lost. */
const listening = new Promise<void>((resolve) => {
  drawn = resolve;
});

export async function showToast(message: string, { undo, failed, timeout }: ToastOptions): Promise<void> {
  await listening;
  manager.add({
    title: message,
    timeout: timeout ?? (undo || failed ? 10_000 : 6_000),
    priority: failed ? "high" : "low",
    data: { failed, undo },
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
  const { toasts } = Toast.useToastManager<Said>();
  const takeBack = (item: (typeof toasts)[number] | undefined) => {
    if (!item) return;
    manager.close(item.id);
    item.data?.undo?.();
  };
  const latest = toasts.find((item) => item.data?.undo && item.transitionStatus !== "ending");
  const undoKeys = useKeys("notice.undo");
  useCommand("notice.undo", latest === undefined ? null : () => takeBack(latest));
  return toasts.map((item) => (
    <Toast.Root
      key={item.id}
      toast={item}
      className={`popover toast ${item.data?.failed ? "is-failed" : ""}`}
    >
      {item.data?.failed ? <TriangleAlert /> : <Check />}
      <Toast.Title className="grow" render={<span />} />
      {item.data?.undo ? (
        <button
          type="button"
          className="btn btn-ghost btn-sm"
          aria-keyshortcuts={item === latest ? ariaKeys(undoKeys) : undefined}
          onClick={() => takeBack(item)}
        >
          <Trans>Undo</Trans>
          {item === latest ? <span className="kbd">{keysLabel(undoKeys)}</span> : null}
        </button>
      ) : null}
      {/* the library hides it from screen readers until the list is entered, and yet lets it take the focus */}
      <Toast.Close aria-hidden={false} render={<IconButton label={t`Close`} />}>
        <X className="i-14" />
      </Toast.Close>
    </Toast.Root>
  ));
}
