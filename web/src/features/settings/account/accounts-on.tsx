import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useMe } from "@/api/bootstrap";
import { turnAccountsOn } from "@/api/session";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { AccountForm } from "@/features/sign-in/account-form";

/** Single-user mode: what it means, and the way to accounts. */
export function AccountsOn() {
  const { t } = useLingui();
  const me = useMe();
  const [open, setOpen] = useState(false);
  return (
    <section className="card pad settings-group" aria-labelledby="accounts-title">
      <h2 id="accounts-title" className="big">
        <Trans>You are alone here, without a password</Trans>
      </h2>
      <p className="quiet mt-1">
        <Trans>
          Freehold answers to this machine only, so whoever sits at it comes straight in. Turn accounts on to
          let others in, or to reach it over the network.
        </Trans>
      </p>
      <ul className="plain-list quiet">
        <li>
          <Trans>You sign in with e-mail and password from then on.</Trans>
        </li>
        <li>
          <Trans>Your chats, settings and providers stay yours, and you become the administrator.</Trans>
        </li>
        <li>
          <Trans>Others can be given accounts; nobody sees the chats of another.</Trans>
        </li>
        <li>
          <Trans>This cannot be undone.</Trans>
        </li>
      </ul>
      {open ? (
        <AccountForm
          action={<Trans>Turn accounts on</Trans>}
          name={me.name}
          onSubmit={async (account) => {
            await turnAccountsOn(account);
            toast(t`Accounts are on. You are signed in.`);
          }}
        />
      ) : (
        <Button onClick={() => setOpen(true)}>
          <Trans>Turn accounts on</Trans>
        </Button>
      )}
    </section>
  );
}
