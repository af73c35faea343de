import "@/styles/admin.css";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Ellipsis, Plus, SlidersHorizontal, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { addGroup, changeGroup, removeGroup, useGroups } from "@/api/people";
import type { GroupInfo } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { TextField } from "@/components/ui/text-field";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { FormDialog } from "../form-dialog";
import { Loaded, Page } from "../page";
import { MembersDialog } from "./members-dialog";

type Open = { kind: "new" } | { kind: "change" | "members" | "remove"; group: GroupInfo } | null;

/** Names for people whom limits, budgets and routing treat alike. */
export function GroupsPage() {
  const query = useGroups();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Page
      title={<Trans>Groups</Trans>}
      lead={
        <Trans>
          Limits, budgets and routing treat the people of a group alike. A person can be in several.
        </Trans>
      }
      aside={
        <Button variant="primary" onClick={() => setOpen({ kind: "new" })}>
          <Plus />
          <Trans>New group</Trans>
        </Button>
      }
    >
      <Loaded query={query} bones={[60, 48]}>
        {(groups) =>
          groups.length ? (
            <ul className="card rows">
              {groups.map((group) => (
                <GroupRow key={group.id} group={group} onAct={(kind) => setOpen({ kind, group })} />
              ))}
            </ul>
          ) : (
            <p className="card pad quiet">
              <Trans>There is no group yet.</Trans>
            </p>
          )
        }
      </Loaded>
      {open?.kind === "new" ? <GroupForm onClose={close} /> : null}
      {open?.kind === "change" ? <GroupForm group={open.group} onClose={close} /> : null}
      {open?.kind === "members" ? <MembersDialog group={open.group} onClose={close} /> : null}
      {open?.kind === "remove" ? <Remove group={open.group} onClose={close} /> : null}
    </Page>
  );
}

type Action = "change" | "members" | "remove";

function GroupRow({ group, onAct }: { group: GroupInfo; onAct: (action: Action) => void }) {
  const { t } = useLingui();
  const { name, description, members } = group;
  return (
    <li>
      <span className="grow">
        <b className="clip" title={name}>
          {name}
        </b>
        {description ? <span className="hint sm">{description}</span> : null}
      </span>
      <Button small variant="ghost" onClick={() => onAct("members")}>
        <Plural value={members} one="# member" other="# members" />
        <span className="visually-hidden">
          <Trans>of {name}</Trans>
        </span>
      </Button>
      <Menu
        trigger={
          <IconButton label={t`Actions for the group ${name}`}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem icon={<Users />} onSelect={() => onAct("members")}>
          <Trans>Members</Trans>
        </MenuItem>
        <MenuItem icon={<SlidersHorizontal />} onSelect={() => onAct("change")}>
          <Trans>Change</Trans>
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<Trash2 />} danger onSelect={() => onAct("remove")}>
          <Trans>Remove</Trans>
        </MenuItem>
      </Menu>
    </li>
  );
}

function GroupForm({ group, onClose }: { group?: GroupInfo; onClose: () => void }) {
  const { t } = useLingui();
  const [name, setName] = useState(group?.name ?? "");
  const [description, setDescription] = useState(group?.description ?? "");
  const [tried, setTried] = useState(false);
  const submit = async () => {
    setTried(true);
    if (!name.trim()) return false;
    const wish = { name: name.trim(), description: description.trim() };
    await (group ? changeGroup(group.id, wish) : addGroup(wish));
    return true;
  };
  return (
    <FormDialog
      title={group ? <Trans>Change {group.name}</Trans> : <Trans>New group</Trans>}
      action={group ? <Trans>Save</Trans> : <Trans>Make group</Trans>}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label={t`Name`}
        className="wide"
        autoFocus
        autoComplete="off"
        maxLength={100}
        hint={t`Routing rules and freehold.yaml call it by this name.`}
        value={name}
        error={tried && !name.trim() ? t`Give a name.` : undefined}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t`Description`}
        className="wide"
        autoComplete="off"
        maxLength={500}
        value={description}
        onChange={(event) => setDescription(event.target.value)}
      />
    </FormDialog>
  );
}

function Remove({ group: { id, name }, onClose }: { group: GroupInfo; onClose: () => void }) {
  const { t } = useLingui();
  const report = useReport();
  const remove = async () => {
    await removeGroup(id);
    toast(t`The group ${name} is removed.`);
  };
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={<Trans>Remove {name}?</Trans>}
      action={<Trans>Remove</Trans>}
      onConfirm={() => void remove().catch(report)}
    >
      <Trans>Its limits and budgets go with it, and that is for good. Its people stay.</Trans>
    </Confirm>
  );
}
