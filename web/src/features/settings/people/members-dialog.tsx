import { Trans, useLingui } from "@lingui/react/macro";
import { X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { findPerson, joinGroup, leaveGroup, usePeople } from "@/api/people";
import type { GroupInfo, PersonInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { useReport } from "@/features/errors/report";
import { Loaded } from "../page";
import { PersonField } from "./person-field";
import { usePersonName } from "./words";

/** Who is in a group; people come and go at once. */
export function MembersDialog({ group, onClose }: { group: GroupInfo; onClose: () => void }) {
  const { t } = useLingui();
  const report = useReport();
  const query = usePeople({ group_id: group.id });
  const { name } = group;
  const [text, setText] = useState("");
  const [unknown, setUnknown] = useState(false);
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const person = await findPerson(text);
    setUnknown(!person);
    if (!person) return;
    await joinGroup(group.id, person.id);
    setText("");
  };
  return (
    <Dialog
      open
      wide
      onOpenChange={onClose}
      title={<Trans>Members of {name}</Trans>}
      footer={
        <Button variant="primary" onClick={onClose}>
          <Trans>Done</Trans>
        </Button>
      }
    >
      <form className="add-member" noValidate onSubmit={(event) => void add(event).catch(report)}>
        <PersonField
          className="grow"
          value={text}
          error={unknown ? t`Nobody has exactly this name or address.` : undefined}
          onChange={(next) => {
            setText(next);
            setUnknown(false);
          }}
        />
        <Button type="submit" disabled={!text.trim()}>
          <Trans>Add</Trans>
        </Button>
      </form>
      <Loaded query={query} bones={[50, 40]}>
        {(people) =>
          people.length ? (
            <ul className="rows members scroll">
              {people.map((person) => (
                <Member key={person.id} person={person} group={group} />
              ))}
            </ul>
          ) : (
            <p className="quiet">
              <Trans>Nobody is in it yet.</Trans>
            </p>
          )
        }
      </Loaded>
      {query.hasNextPage ? (
        <Button small onClick={() => void query.fetchNextPage()}>
          <Trans>Show more</Trans>
        </Button>
      ) : null}
    </Dialog>
  );
}

function Member({ person, group }: { person: PersonInfo; group: GroupInfo }) {
  const { t } = useLingui();
  const report = useReport();
  const name = usePersonName()(person);
  return (
    <li>
      <span className="grow">
        <b className="clip">{name}</b>
        {person.email ? <span className="hint sm clip">{person.email}</span> : null}
      </span>
      <IconButton
        label={t`Take ${name} out of the group`}
        onClick={() => void leaveGroup(group.id, person.id).catch(report)}
      >
        <X />
      </IconButton>
    </li>
  );
}
