import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { ChevronRight, Plus, SquareTerminal } from "lucide-react";
import { useState } from "react";
import { revokeKey, useKeys } from "@/api/keys";
import type { KeyInfo, KeyShown } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { Loaded, Page } from "../page";
import { KeyForm } from "./key-form";
import { type KeyAction, KeyRow } from "./key-row";
import { RotateDialog } from "./rotate-dialog";
import { ShownKey } from "./shown-key";
import { UseDialog } from "./use-dialog";

type Open = { kind: "new" } | { kind: KeyAction; key: KeyInfo } | { kind: "shown"; shown: KeyShown } | null;

/** Keys for programs: one's own, for administrators everybody's. */
export function KeysPage() {
  const query = useKeys();
  const [open, setOpen] = useState<Open>(null);
  const act = (kind: KeyAction, key: KeyInfo) => setOpen({ kind, key });
  return (
    <Page
      title={<Trans>API keys</Trans>}
      lead={
        <Trans>
          With a key, programs ask the models of this server in your name: at{" "}
          <span className="mono">{location.origin}/v1</span>.
        </Trans>
      }
      aside={
        <>
          <Link to="/playground" className="btn btn-outline">
            <SquareTerminal />
            <Trans>Playground</Trans>
          </Link>
          <Button variant="primary" onClick={() => setOpen({ kind: "new" })}>
            <Plus />
            <Trans>New key</Trans>
          </Button>
        </>
      }
    >
      <Loaded query={query} bones={[60, 48, 54]}>
        {(keys) => <Groups keys={keys} onAct={act} />}
      </Loaded>
      {query.hasNextPage ? (
        <div className="section-foot">
          <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            <Trans>Show more</Trans>
          </Button>
        </div>
      ) : null}
      <Dialogs open={open} setOpen={setOpen} />
    </Page>
  );
}

const works = (key: KeyInfo) => key.state === "active" || key.state === "owner_off";

function Groups({ keys, onAct }: { keys: KeyInfo[]; onAct: (kind: KeyAction, key: KeyInfo) => void }) {
  const mine = keys.filter((key) => key.mine && works(key));
  const others = keys.filter((key) => !key.mine && works(key));
  const ended = keys.filter((key) => !works(key));
  const count = ended.length;
  return (
    <>
      {mine.length ? (
        <Rows keys={mine} onAct={onAct} />
      ) : (
        <p className="card pad quiet">
          <Trans>You have no key yet. Make one for each program, so that each can be ended alone.</Trans>
        </p>
      )}
      {others.length ? (
        <section aria-labelledby="keys-of-others">
          <div className="section-head">
            <h2 id="keys-of-others">
              <Trans>Keys of others</Trans>
            </h2>
          </div>
          <Rows keys={others} onAct={onAct} />
        </section>
      ) : null}
      {count ? (
        <details className="more mt-4">
          <summary>
            <ChevronRight className="i-14" />
            <Trans>Ended ({count})</Trans>
          </summary>
          <Rows keys={ended} onAct={onAct} />
        </details>
      ) : null}
    </>
  );
}

function Rows({ keys, onAct }: { keys: KeyInfo[]; onAct: (kind: KeyAction, key: KeyInfo) => void }) {
  return (
    <ul className="card rows api-keys">
      {keys.map((key) => (
        <KeyRow key={key.id} info={key} onAct={(kind) => onAct(kind, key)} />
      ))}
    </ul>
  );
}

function Dialogs({ open, setOpen }: { open: Open; setOpen: (open: Open) => void }) {
  const close = () => setOpen(null);
  const show = (shown: KeyShown) => setOpen({ kind: "shown", shown });
  switch (open?.kind) {
    case "new":
      return <KeyForm onClose={close} onShown={show} />;
    case "change":
      return <KeyForm info={open.key} onClose={close} onShown={show} />;
    case "rotate":
      return <RotateDialog info={open.key} onClose={close} onShown={show} />;
    case "use":
      return <UseDialog info={open.key} onClose={close} />;
    case "revoke":
      return <Revoke info={open.key} onClose={close} />;
    case "shown":
      return <ShownKey shown={open.shown} onClose={close} />;
    default:
      return null;
  }
}

function Revoke({ info: { id, name }, onClose }: { info: KeyInfo; onClose: () => void }) {
  const { t } = useLingui();
  const report = useReport();
  const revoke = async () => {
    await revokeKey(id);
    toast(t`The key ${name} is revoked.`);
  };
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={<Trans>Revoke {name}?</Trans>}
      action={<Trans>Revoke</Trans>}
      onConfirm={() => void revoke().catch(report)}
    >
      <Trans>
        Programs that use it are refused from now on, and that is for good. To change the secret without a
        gap, rotate it instead.
      </Trans>
    </Confirm>
  );
}
