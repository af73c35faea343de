import { Trans, useLingui } from "@lingui/react/macro";
import { LogOut } from "lucide-react";
import { useEffect, useState } from "react";
import { signOut, useBootstrap, useMe } from "@/api/bootstrap";
import { changeName } from "@/api/session";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { useReport } from "@/features/errors/report";
import { Page } from "../page";
import { useSaved } from "../use-saved";
import { AccountsOn } from "./accounts-on";
import { KeptChats } from "./kept-chats";
import { PasswordForm } from "./password-form";
import { Sessions } from "./sessions";

/** Name, password and sessions; without accounts, how to turn them on. */
export function AccountPage() {
  const { t } = useLingui();
  const report = useReport();
  const me = useMe();
  const { mode } = useBootstrap();
  const [saved, save] = useSaved();
  const [name, setName] = useState(me.name);
  useEffect(() => setName(me.name), [me.name]);

  const keep = () => {
    const wanted = name.trim();
    if (!wanted) setName(me.name);
    else if (wanted !== me.name) void save(changeName(wanted));
  };
  return (
    <Page title={<Trans>Account</Trans>} aside={saved}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          keep();
        }}
      >
        <TextField
          label={t`Your name`}
          autoComplete="name"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
          onBlur={keep}
        />
        {me.email ? <TextField label={t`E-mail`} value={me.email} readOnly /> : null}
      </form>
      {mode === "single_user" ? <AccountsOn /> : null}
      <KeptChats />
      {mode === "accounts" ? <PasswordForm /> : null}
      {mode === "single_user" ? null : (
        <>
          <Sessions />
          <div className="row mt-8">
            <Button onClick={() => void signOut().catch(report)}>
              <LogOut />
              <Trans>Sign out here</Trans>
            </Button>
          </div>
        </>
      )}
    </Page>
  );
}
