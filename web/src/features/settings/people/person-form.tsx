import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { addPerson, changePerson, useGroups } from "@/api/people";
import type { PersonInfo } from "@/api/types";
import { Select } from "@/components/ui/select";
import { TextField } from "@/components/ui/text-field";
import { toast } from "@/components/ui/toast";
import { FormDialog } from "../form-dialog";
import { usePersonName } from "./words";

const ADDRESS = /^[^@\s]+@[^@\s]+$/;
const SHORTEST_PASSWORD = 12;

/** A new account, or name, role and groups of one that is there. */
export function PersonForm({ person, onClose }: { person?: PersonInfo; onClose: () => void }) {
  const { t } = useLingui();
  const called = usePersonName();
  const [name, setName] = useState(person?.name ?? "");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<"admin" | "member">(person?.role ?? "member");
  const [groups, setGroups] = useState<string[]>(person?.groups.map((group) => group.id) ?? []);
  const [tried, setTried] = useState(false);
  const wrong = {
    name: !person && !name.trim(),
    email: !person && !ADDRESS.test(email.trim()),
    password: !person && password.length < SHORTEST_PASSWORD,
  };

  const submit = async () => {
    setTried(true);
    if (Object.values(wrong).some(Boolean)) return false;
    if (person) {
      const renamed = name.trim() && name.trim() !== person.name ? { name: name.trim() } : {};
      const other = role === person.role ? {} : { role };
      await changePerson(person.id, { ...renamed, ...other, groups });
      const who = name.trim() || called(person);
      toast(t`${who} is changed.`);
    } else {
      await addPerson({ email: email.trim(), name: name.trim(), password, role, groups });
      const who = name.trim();
      toast(t`${who} can sign in now.`);
    }
    return true;
  };
  const who = person ? called(person) : "";
  return (
    <FormDialog
      title={person ? <Trans>Change {who}</Trans> : <Trans>Add person</Trans>}
      action={person ? <Trans>Save</Trans> : <Trans>Add</Trans>}
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField
        label={t`Name`}
        autoFocus
        autoComplete="off"
        maxLength={100}
        value={name}
        error={tried && wrong.name ? t`Give a name.` : undefined}
        onChange={(event) => setName(event.target.value)}
      />
      <div>
        <span className="label" aria-hidden="true">
          <Trans>Role</Trans>
        </span>
        {person?.me || person?.kind === "service" ? (
          <p className="field-like">
            {role === "admin" ? <Trans>Administrator</Trans> : <Trans>Member</Trans>}
          </p>
        ) : (
          <Select
            label={t`Role`}
            value={role}
            options={[
              { value: "member", label: t`Member` },
              { value: "admin", label: t`Administrator` },
            ]}
            onChange={setRole}
          />
        )}
      </div>
      {person ? null : (
        <SignInFields
          email={email}
          onEmail={setEmail}
          password={password}
          onPassword={setPassword}
          wrong={tried ? wrong : null}
        />
      )}
      <GroupChecks chosen={groups} onChange={setGroups} />
    </FormDialog>
  );
}

interface SignInFieldsProps {
  email: string;
  onEmail: (email: string) => void;
  password: string;
  onPassword: (password: string) => void;
  wrong: { email: boolean; password: boolean } | null;
}

function SignInFields({ email, onEmail, password, onPassword, wrong }: SignInFieldsProps) {
  const { t } = useLingui();
  return (
    <>
      <TextField
        label={t`E-mail`}
        type="email"
        autoComplete="off"
        maxLength={320}
        value={email}
        error={wrong?.email ? t`Write an e-mail address.` : undefined}
        onChange={(event) => onEmail(event.target.value)}
      />
      <TextField
        label={t`First password`}
        type="text"
        className="mono-field"
        autoComplete="off"
        spellCheck={false}
        hint={t`At least 12 characters; to be changed after signing in.`}
        value={password}
        error={wrong?.password ? t`At least 12 characters.` : undefined}
        onChange={(event) => onPassword(event.target.value)}
      />
    </>
  );
}

function GroupChecks({ chosen, onChange }: { chosen: string[]; onChange: (groups: string[]) => void }) {
  const { data: groups } = useGroups();
  if (!groups?.length) return null;
  const toggle = (id: string, on: boolean) =>
    onChange(on ? [...chosen, id] : chosen.filter((item) => item !== id));
  return (
    <fieldset className="wide scopes">
      <legend className="label">
        <Trans>Groups</Trans>
      </legend>
      <div className="check-row">
        {groups.map((group) => (
          <label key={group.id} className="check">
            <input
              type="checkbox"
              checked={chosen.includes(group.id)}
              onChange={(event) => toggle(group.id, event.target.checked)}
            />
            {group.name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
