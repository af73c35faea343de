import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { ApiError, Unreachable } from "@/api/errors";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { loadRareSentences, useErrorText } from "@/features/errors/error-text";

interface FormDialogProps {
  title: ReactNode;
  /** The word on the button that sends. */
  action: ReactNode;
  onClose: () => void;
  /** Sends it; false when something in the form is not right, which its fields say. */
  onSubmit: () => Promise<boolean>;
  /** Stands at the other end of the buttons. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A form in a dialog: closes when it was sent, and says what the server said when it was not. */
export function FormDialog({ title, action, onClose, onSubmit, aside, children }: FormDialogProps) {
  const { t } = useLingui();
  const id = useId();
  const errorText = useErrorText();
  const [refusal, setRefusal] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setRefusal("");
    setBusy(true);
    try {
      if (await onSubmit()) onClose();
    } catch (error) {
      if (error instanceof Unreachable) setRefusal(t`The server cannot be reached. Nothing was changed.`);
      else if (error instanceof ApiError) {
        await loadRareSentences();
        setRefusal(errorText(error.problem).what);
      } else throw error;
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      wide
      onOpenChange={onClose}
      title={title}
      footer={
        <>
          {aside ? (
            <>
              {aside}
              <span className="grow" />
            </>
          ) : null}
          <Button variant="ghost" onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="primary" type="submit" form={id} disabled={busy}>
            {action}
          </Button>
        </>
      }
    >
      <form id={id} className="key-form" noValidate onSubmit={(event) => void submit(event)}>
        {children}
        {refusal ? (
          <p className="form-error wide" role="alert">
            {refusal}
          </p>
        ) : null}
      </form>
    </Dialog>
  );
}
