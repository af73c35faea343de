import { Trans, useLingui } from "@lingui/react/macro";
import { Navigate, useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useBootstrap } from "@/api/bootstrap";
import { signIn } from "@/api/session";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { ahead } from "@/lib/ago";
import { Door } from "./door";
import { type EntryError, useEntryError } from "./entry-error";
import { PasswordField } from "./password-field";
import { useWait } from "./use-wait";

/** Comes in with e-mail and password, or with the one code of this server; then on to where one was going. */
export function SignInPage() {
  const { next = "/" } = useSearch({ from: "/sign-in" });
  const { me, mode, name } = useBootstrap();
  if (me) return <Navigate to={next} replace />;
  return (
    <Door
      title={mode === "access_code" ? <Trans>Enter the code</Trans> : <Trans>Sign in</Trans>}
      lead={mode === "access_code" ? <Trans>{name} is opened with one code for everybody.</Trans> : undefined}
    >
      <SignInForm byCode={mode === "access_code"} next={next} />
    </Door>
  );
}

function SignInForm({ byCode, next }: { byCode: boolean; next: string }) {
  const { t, i18n } = useLingui();
  const router = useRouter();
  const explain = useEntryError();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<EntryError | null>(null);
  const [busy, setBusy] = useState(false);
  const [seconds, startWait] = useWait();
  const wait = ahead(seconds, i18n.locale);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || seconds || !password) return;
    setBusy(true);
    setError(null);
    try {
      await signIn(email.trim(), password);
      router.history.push(next);
    } catch (failure) {
      const said = explain(failure, byCode);
      startWait(said.wait);
      setError(said.wait ? null : said);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="door-form" onSubmit={(event) => void submit(event)}>
      {byCode ? null : (
        <TextField
          label={t`E-mail`}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      )}
      <PasswordField
        label={byCode ? t`Code` : t`Password`}
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        autoFocus={byCode}
      />
      {error ? (
        <p className="form-error" role="alert">
          {error.text}
        </p>
      ) : null}
      {seconds ? (
        <p className="form-error" role="status">
          <Trans>Too many tries. Again {wait}.</Trans>
        </p>
      ) : null}
      <Button type="submit" variant="primary" disabled={busy || seconds > 0}>
        {byCode ? <Trans>Open</Trans> : <Trans>Sign in</Trans>}
      </Button>
    </form>
  );
}
