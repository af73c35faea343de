import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Check, Ellipsis, EyeOff, SlidersHorizontal, Trash2 } from "lucide-react";
import { useState } from "react";
import { changeFaq, removeFaq } from "@/api/faq";
import { useGroups } from "@/api/people";
import type { FaqInfo } from "@/api/types";
import { Confirm } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuLine } from "@/components/ui/menu";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";

/** One curated answer: whether it is given, to whom, and how it does. */
export function EntryRow({ entry, onChange }: { entry: FaqInfo; onChange: () => void }) {
  const { t } = useLingui();
  const report = useReport();
  const [removing, setRemoving] = useState(false);
  const { data: groups } = useGroups();
  const { id, question, approved, given, disliked, group_id: groupId } = entry;
  const group = groups?.find((one) => one.id === groupId)?.name;
  const approve = async (next: boolean) => {
    await changeFaq(id, { approved: next });
    toast(next ? t`The answer is given from now on.` : t`The answer is no longer given.`);
  };
  return (
    <li>
      <span className="grow">
        <b className="break-words">{question}</b>
        <span className="hint sm">
          <span className="state">
            <i className={`dot ${approved ? "dot-ok" : "dot-warn"}`} />
            {approved ? <Trans>approved</Trans> : <Trans>draft</Trans>}
          </span>
          {" · "}
          {group ? <Trans>only {group}</Trans> : <Trans>everybody</Trans>}
          {" · "}
          <Plural value={given} one="given # time" other="given # times" />
          {disliked ? (
            <>
              {" · "}
              <Plural value={disliked} one="# bad rating" other="# bad ratings" />
            </>
          ) : null}
        </span>
      </span>
      <Menu
        trigger={
          <IconButton label={t`Actions for: ${question}`}>
            <Ellipsis />
          </IconButton>
        }
      >
        {approved ? (
          <MenuItem icon={<EyeOff />} onSelect={() => void approve(false).catch(report)}>
            <Trans>Withdraw</Trans>
          </MenuItem>
        ) : (
          <MenuItem icon={<Check />} onSelect={() => void approve(true).catch(report)}>
            <Trans>Approve</Trans>
          </MenuItem>
        )}
        <MenuItem icon={<SlidersHorizontal />} onSelect={onChange}>
          <Trans>Change</Trans>
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<Trash2 />} danger onSelect={() => setRemoving(true)}>
          <Trans>Remove</Trans>
        </MenuItem>
      </Menu>
      {removing ? (
        <Confirm
          open
          onOpenChange={() => setRemoving(false)}
          title={<Trans>Remove this answer?</Trans>}
          action={<Trans>Remove</Trans>}
          onConfirm={() => void removeFaq(id).catch(report)}
        >
          {question}
        </Confirm>
      ) : null}
    </li>
  );
}
