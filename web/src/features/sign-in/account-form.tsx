import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, type ReactNode, useState } from "react";
import type { NewAccount } from "@/api/session";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { ahead } from "@/lib/ago";
import { type EntryError, useEntryError } from "./entry-error";
import { NewPasswordField, SHORTEST_PASSWORD } from "./password-field";

interface AccountFormProps {
  action: ReactNode;
  name?: string;
  onSubmit: (account: NewAccount) => Promise<void>;
}

/** Name, e-mail and password of a new account; the server's refusals stand under the field they are about. */
export function AccountForm({ action, name: givenName = "", onSubmit }: AccountFormProps) {
  const { t, i18n } = useLingui();
  const explain = useEntryError();
  const [name, setName] = useState(givenName);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<EntryError | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (Array.from(password).length < SHORTEST_PASSWORD) {
      setError({ field: "password", text: t`The password needs at least 12 characters.`, wait: 0 });
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await onSubmit({ name: name.trim(), email: email.trim(), password });
    } catch (failure) {
      const said = explain(failure);
      const wait = ahead(said.wait, i18n.locale);
      setError(said.wait ? { ...said, text: t`Too many tries. Again ${wait}.` } : said);
      setBusy(false);
    }
  };
  const under = (field: EntryError["field"]) => (error?.field === field ? error.text : undefined);
  return (
    <form className="door-form" onSubmit={(event) => void submit(event)}>
      <TextField
        label={t`Your name`}
        autoComplete="name"
        required
        maxLength={100}
        value={name}
        error={under("name")}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t`E-mail`}
        type="email"
        autoComplete="username"
        required
        maxLength={320}
        value={email}
        error={under("email")}
        onChange={(event) => setEmail(event.target.value)}
      />
      <NewPasswordField
        value={password}
        error={under("password")}
        onChange={(value) => {
          setPassword(value);
          if (error?.field === "password") setError(null);
        }}
      />
      {error && !error.field ? (
        <p className="form-error" role="alert">
          {error.text}
        </p>
      ) : null}
      <Button type="submit" variant="primary" disabled={busy}>
        {busy ? <Trans>One moment</Trans> : action}
      </Button>
    </form>
  );
}
