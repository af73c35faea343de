import { Trans, useLingui } from "@lingui/react/macro";
import { Link, Navigate, useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useBootstrap } from "@/api/bootstrap";
import { setUp } from "@/api/session";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { AccountForm } from "@/features/sign-in/account-form";
import { Door } from "@/features/sign-in/door";

/** Makes the first administrator with the one-time link of the server's log. */
export function SetupPage() {
  const { mode, me } = useBootstrap();
  const token = useToken();
  const [typed, setTyped] = useState("");
  const router = useRouter();
  const { t } = useLingui();
  if (me) return <Navigate to="/" replace />;
  if (mode !== "setup")
    return (
      <Door
        title={<Trans>Already set up</Trans>}
        lead={<Trans>This server has an administrator. The link has done its work.</Trans>}
      >
        <Link to="/sign-in" className="btn btn-primary">
          <Trans>Sign in</Trans>
        </Link>
      </Door>
    );
  if (!token && !typed)
    return (
      <Door
        title={<Trans>One step on the server first</Trans>}
        lead={
          <Trans>
            Freehold printed a one-time link when it started. Open that link, or paste what stands after{" "}
            <code>token=</code> in it.
          </Trans>
        }
      >
        <form
          className="door-form"
          onSubmit={(event) => {
            event.preventDefault();
            setTyped(
              String(new FormData(event.currentTarget).get("token"))
                .replace(/^.*token=/, "")
                .trim(),
            );
          }}
        >
          <TextField
            label={t`One-time token`}
            name="token"
            className="mono-field"
            required
            autoComplete="off"
          />
          <Button type="submit" variant="primary">
            <Trans>Go on</Trans>
          </Button>
        </form>
      </Door>
    );
  return (
    <Door
      title={<Trans>Move in</Trans>}
      lead={
        <Trans>
          You will be the administrator of this server. Everything is kept on it and nowhere else.
        </Trans>
      }
    >
      <AccountForm
        action={<Trans>Move in</Trans>}
        onSubmit={async (account) => {
          await setUp(token || typed, account);
          router.history.push("/");
        }}
      />
    </Door>
  );
}

/** From ?token= or the fragment; then taken out of the address bar, so that it stays in no history. */
function useToken(): string {
  const search = useSearch({ from: "/setup" });
  const router = useRouter();
  const [token] = useState(() => search.token ?? location.hash.slice(1).replace(/^token=/, ""));
  useEffect(() => {
    if (token) router.history.replace("/setup");
  }, [token, router]);
  return token;
}
