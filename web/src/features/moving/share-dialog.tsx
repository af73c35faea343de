import "@/styles/moving.css";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useId, useState } from "react";
import { makeShare, shareAddress, useShares } from "@/api/shares";
import type { Thread } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { TextField } from "@/components/ui/text-field";
import { useReport } from "@/features/errors/report";
import { CopyButton } from "@/features/markdown/copy-button";

const DAYS = ["1", "7", "30", "365", "0"] as const;
const LEAST_PASSWORD = 4;

interface ShareDialogProps {
  thread: Thread;
  /** The messages that the link shows, by their ids; without them the chat. */
  selected?: string[];
  onClose: () => void;
}

/** Makes a link to a chat or to some of its messages, and shows it this once. */
export function ShareDialog({ thread, selected, onClose }: ShareDialogProps) {
  const { t } = useLingui();
  const id = useId();
  const report = useReport();
  const { data } = useShares();
  const [tree, setTree] = useState(false);
  const [days, setDays] = useState<(typeof DAYS)[number]>("30");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [address, setAddress] = useState("");
  const off = data?.enabled === false;
  const short = password !== "" && password.length < LEAST_PASSWORD;

  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (short) return;
    setBusy(true);
    try {
      const wish = { thread_id: thread.id, days: Number(days) || null, password: password || null };
      const { token } = await makeShare({ ...wish, scope: tree ? "tree" : "path", message_ids: selected });
      setAddress(shareAddress(token));
    } catch (error) {
      report(error);
    } finally {
      setBusy(false);
    }
  };
  const names = {
    "1": t`A day`,
    "7": t`A week`,
    "30": t`A month`,
    "365": t`A year`,
    "0": t`Until I revoke it`,
  };
  return (
    <Dialog
      open
      keep={address !== ""}
      onOpenChange={onClose}
      title={
        selected ? (
          <Plural value={selected.length} one="Share # message" other="Share # messages" />
        ) : (
          <Trans>Share chat</Trans>
        )
      }
      footer={
        address ? (
          <Button variant="primary" onClick={onClose}>
            <Trans>Done</Trans>
          </Button>
        ) : (
          <>
            <Button variant="ghost" onClick={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button variant="primary" type="submit" form={id} disabled={busy || off}>
              <Trans>Make a link</Trans>
            </Button>
          </>
        )
      }
    >
      {address ? (
        <>
          <p className="quiet">
            <Trans>
              Copy the link now: it is shown this once. You can revoke it at any time under Settings, Import
              and export.
            </Trans>
          </p>
          <TextField
            label={t`Link`}
            value={address}
            readOnly
            onFocus={(event) => event.target.select()}
            after={<CopyButton label={t`Copy the link`} content={() => address} className="field-btn" />}
          />
        </>
      ) : (
        <form id={id} onSubmit={(event) => void make(event)} className="moving-form">
          <p className="quiet">
            {off ? (
              <Trans>An administrator has turned sharing off on this server.</Trans>
            ) : selected ? (
              <Trans>
                Whoever has the link reads the title of the chat and these messages as they are now, without
                your name. A message that you delete vanishes from it.
              </Trans>
            ) : (
              <Trans>
                Whoever has the link reads the chat as it is now, without your name. What is written later is
                not shown.
              </Trans>
            )}
          </p>
          {thread.in_house && !off ? (
            <p className="moving-warn">
              <Trans>
                This chat is kept in the house; whoever has the link reads it outside all the same.
              </Trans>
            </p>
          ) : null}
          {selected ? null : (
            <div className="moving-switch">
              <span>
                <Trans>All branches</Trans>
                <span className="quiet">
                  <Trans>Also the versions that are not shown.</Trans>
                </span>
              </span>
              <Switch label={t`All branches`} checked={tree} onChange={setTree} />
            </div>
          )}
          <div className="moving-switch">
            <span className="flex-none">
              <Trans>The link works for</Trans>
            </span>
            <Select
              label={t`The link works for`}
              value={days}
              onChange={setDays}
              options={DAYS.map((value) => ({ value, label: names[value] }))}
            />
          </div>
          <TextField
            label={t`Password, if you want one`}
            type="password"
            autoComplete="new-password"
            value={password}
            maxLength={200}
            error={short ? t`At least ${LEAST_PASSWORD} characters` : undefined}
            onChange={(event) => setPassword(event.target.value)}
          />
        </form>
      )}
    </Dialog>
  );
}
