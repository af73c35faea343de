import { Trans, useLingui } from "@lingui/react/macro";
import { useNavigate } from "@tanstack/react-router";
import { GitBranch, GitFork, Spline, Split } from "lucide-react";
import { uuid7 } from "@/api/ids";
import { forkThread } from "@/api/threads";
import type { ForkNew, Message } from "@/api/types";
import { MenuBranch, MenuItem } from "@/components/ui/menu";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";

/** Three ways to go on in a chat of its own; this one stays as it is. */
export function ForkMenu({ message }: { message: Message }) {
  const { t } = useLingui();
  const report = useReport();
  const navigate = useNavigate();
  const fork = async (which: NonNullable<ForkNew["which"]>) => {
    const made = await forkThread(message.thread_id, { id: uuid7(), message_id: message.id, which });
    await navigate({ to: "/c/$threadId", params: { threadId: made.id } });
    toast(t`Copied into a new chat`);
  };
  const item = (which: NonNullable<ForkNew["which"]>) => () => void fork(which).catch(report);
  return (
    <MenuBranch icon={<GitFork />} label={<Trans>Go on in a new chat</Trans>}>
      <MenuItem icon={<Spline />} onSelect={item("path")}>
        <Trans>With what leads up to here</Trans>
      </MenuItem>
      <MenuItem icon={<Split />} onSelect={item("branches")}>
        <Trans>With everything, all branches</Trans>
      </MenuItem>
      <MenuItem icon={<GitBranch />} onSelect={item("onward")}>
        <Trans>With what begins here</Trans>
      </MenuItem>
    </MenuBranch>
  );
}
