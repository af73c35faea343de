import "@/styles/admin.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Plus, Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useBootstrap } from "@/api/bootstrap";
import { changePerson, usePeople } from "@/api/people";
import type { PersonInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { Loaded, Page } from "../page";
import { PersonForm } from "./person-form";
import { type PersonAction, PersonRow } from "./person-row";
import { usePersonName } from "./words";

type Open = { kind: "new" } | { kind: "change" | "disable"; person: PersonInfo } | null;

/** Everybody with an account: role, groups, when last seen; made, changed and disabled here. */
export function PeoplePage() {
  const { t } = useLingui();
  const report = useReport();
  const nameOf = usePersonName();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim());
  const query = usePeople({ q: wanted || undefined });
  const accounts = useBootstrap().mode === "accounts";
  const [open, setOpen] = useState<Open>(null);

  const enable = async (person: PersonInfo) => {
    await changePerson(person.id, { status: "active" });
    const name = nameOf(person);
    toast(t`${name} can sign in again.`);
  };
  const act = (action: PersonAction, person: PersonInfo) => {
    if (action === "enable") void enable(person).catch(report);
    else setOpen({ kind: action, person });
  };
  return (
    <Page
      title={<Trans>People</Trans>}
      lead={
        accounts ? (
          <Trans>Whoever has an account on this server.</Trans>
        ) : (
          <Trans>This server has no accounts yet. Turn them on under “Account”, then add people here.</Trans>
        )
      }
      aside={
        accounts ? (
          <Button variant="primary" onClick={() => setOpen({ kind: "new" })}>
            <Plus />
            <Trans>Add person</Trans>
          </Button>
        ) : null
      }
    >
      {accounts ? (
        <TextField
          label={t`Find by name or e-mail`}
          hideLabel
          type="search"
          className="find"
          autoComplete="off"
          placeholder={t`Find by name or e-mail`}
          before={<Search className="i-14" />}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      ) : null}
      <Loaded query={query} bones={[60, 48, 54]}>
        {(people) =>
          people.length ? (
            <ul className="card rows api-keys">
              {people.map((person) => (
                <PersonRow key={person.id} person={person} onAct={(action) => act(action, person)} />
              ))}
            </ul>
          ) : (
            <p className="card pad quiet">
              <Trans>Nobody is found.</Trans>
            </p>
          )
        }
      </Loaded>
      {query.hasNextPage ? (
        <div className="section-foot">
          <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            <Trans>Show more</Trans>
          </Button>
        </div>
      ) : null}
      {open?.kind === "new" ? <PersonForm onClose={() => setOpen(null)} /> : null}
      {open?.kind === "change" ? <PersonForm person={open.person} onClose={() => setOpen(null)} /> : null}
      {open?.kind === "disable" ? <Disable person={open.person} onClose={() => setOpen(null)} /> : null}
    </Page>
  );
}

function Disable({ person, onClose }: { person: PersonInfo; onClose: () => void }) {
  const { t } = useLingui();
  const report = useReport();
  const name = usePersonName()(person);
  const enable = () => void changePerson(person.id, { status: "active" }).catch(report);
  const disable = async () => {
    await changePerson(person.id, { status: "disabled" });
    toast(t`${name} is disabled.`, { undo: enable });
  };
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={<Trans>Disable {name}?</Trans>}
      action={<Trans>Disable</Trans>}
      onConfirm={() => void disable().catch(report)}
    >
      <Trans>
        All sessions end at once, and API keys of this account stop working. Chats and files stay.
      </Trans>
    </Confirm>
  );
}
