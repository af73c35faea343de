import { Plural, Trans } from "@lingui/react/macro";
import { Archive, Trash2 } from "lucide-react";
import { useState } from "react";
import { useThreadCounts } from "@/api/bulk";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { useBulk } from "@/features/chats/use-bulk";
import { Loaded, Setting } from "@/features/settings/page";

/** Every chat at once: into the archive or into the bin, after a question that says how many they are. */
export function AllChats() {
  const bulk = useBulk();
  const counts = useThreadCounts();
  const [asked, setAsked] = useState<"archive" | "delete" | null>(null);
  const close = () => setAsked(null);
  return (
    <Loaded query={counts} bones={[50]}>
      {({ active, archived }) => {
        const all = active + archived;
        return (
          <div>
            <Setting
              name={<Trans>Archive all chats</Trans>}
              hint={
                <Plural
                  value={active}
                  _0="Every chat is archived already."
                  one="# chat leaves the list and stays searchable."
                  other="# chats leave the list and stay searchable."
                />
              }
            >
              <Button disabled={active === 0} onClick={() => setAsked("archive")}>
                <Archive />
                <Trans>Archive all</Trans>
              </Button>
            </Setting>
            <Setting
              name={<Trans>Delete all chats</Trans>}
              hint={
                <Plural
                  value={all}
                  _0="There is none."
                  one="# chat, the archive included."
                  other="# chats, the archive included."
                />
              }
            >
              <Button variant="danger" disabled={all === 0} onClick={() => setAsked("delete")}>
                <Trash2 />
                <Trans>Delete all</Trans>
              </Button>
            </Setting>
            <Confirm
              open={asked === "archive"}
              onOpenChange={close}
              title={<Plural value={active} one="Archive # chat?" other="Archive all # chats?" />}
              action={<Trans>Archive all</Trans>}
              onConfirm={() => void bulk.archive({ every: ["active"] })}
            >
              <Trans>They leave the list. The archive and the search still have them.</Trans>
            </Confirm>
            <Confirm
              open={asked === "delete"}
              onOpenChange={close}
              title={<Plural value={all} one="Delete # chat?" other="Delete all # chats?" />}
              action={<Trans>Delete all</Trans>}
              onConfirm={() => void bulk.remove({ every: ["active", "archived"] })}
            >
              <Trans>
                Also those in the archive and in projects. You can take it back right afterwards, from the
                notice; after 30 days nobody can.
              </Trans>
            </Confirm>
          </div>
        );
      }}
    </Loaded>
  );
}
