import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { changePassword } from "@/api/session";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { type EntryError, useEntryError } from "@/features/sign-in/entry-error";
import { NewPasswordField, PasswordField, SHORTEST_PASSWORD } from "@/features/sign-in/password-field";

/** Changes the password; every other session ends with it. */
export function PasswordForm() {
  const { t } = useLingui();
  const explain = useEntryError();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [error, setError] = useState<EntryError | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (Array.from(next).length < SHORTEST_PASSWORD) {
      setError({ field: "password", text: t`The password needs at least 12 characters.`, wait: 0 });
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await changePassword(current, next);
      setCurrent("");
      setNext("");
      toast(t`The password is changed. Every other session has ended.`);
    } catch (failure) {
      setError(explain(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section aria-labelledby="password-title">
      <div className="section-head">
        <h2 id="password-title">
          <Trans>Password</Trans>
        </h2>
        <span className="hint sm">
          <Trans>Changing it ends every other session.</Trans>
        </span>
      </div>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <PasswordField
          label={t`Current password`}
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
          error={error?.field === "current_password" ? error.text : undefined}
        />
        <NewPasswordField
          label={t`New password`}
          value={next}
          onChange={setNext}
          error={error?.field === "password" ? error.text : undefined}
        />
        <div className="wide">
          {error && !error.field ? (
            <p className="form-error mb-3" role="alert">
              {error.text}
            </p>
          ) : null}
          <Button type="submit" disabled={busy || !current || !next}>
            <Trans>Change password</Trans>
          </Button>
        </div>
      </form>
    </section>
  );
}
