import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { chooseKeeping, measureKept, wantsKeeping } from "@/api/away";
import { useMe } from "@/api/bootstrap";
import { canKeep } from "@/api/release";
import { Button } from "@/components/ui/button";
import { Switch } from "@/components/ui/switch";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { fileSize } from "@/lib/format";
import { Setting } from "../page";

const LOOK_AGAIN_MS = 2_000;

/** Whether this device keeps chats for reading while the server is away, and how much it keeps. */
export function KeptChats() {
  const { t, i18n } = useLingui();
  const me = useMe();
  const report = useReport();
  const toggle = useRef<HTMLButtonElement>(null);
  const possible = canKeep();
  const [on, setOn] = useState(possible && wantsKeeping(me.id));
  const size = useQuery({
    queryKey: ["kept-size"],
    queryFn: measureKept,
    enabled: on,
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });
  const failed = (error: unknown) => {
    setOn(wantsKeeping(me.id));
    report(error);
  };
  const turn = (next: boolean) => {
    setOn(next);
    chooseKeeping(me, next).catch(failed);
    // browsers throw away what was kept long ago, unless they are asked not to
    if (next) void navigator.storage.persist?.();
  };
  const erase = async () => {
    await chooseKeeping(me, false);
    setOn(false);
    toggle.current?.focus(); // the button goes
    toast(t`Erased and turned off: nothing is kept on this device`);
  };
  return (
    <section aria-labelledby="kept-title">
      <div className="section-head">
        <h2 id="kept-title">
          <Trans>On this device</Trans>
        </h2>
      </div>
      <div className="settings-group">
        <Setting
          name={<Trans>Keep chats on this device for reading offline</Trans>}
          hint={
            possible ? (
              <Trans>
                The newest chats and those you open, unencrypted in this browser: turn it on only on a device
                of your own. Temporary chats and those kept in the house are never kept here. Signing out
                erases it.
              </Trans>
            ) : window.isSecureContext ? (
              <Trans>This browser keeps nothing here, perhaps because the window is a private one.</Trans>
            ) : (
              <Trans>
                Browsers allow this over https, or on the machine that Freehold runs on. Open Freehold at an
                address that begins with https.
              </Trans>
            )
          }
        >
          <Switch
            ref={toggle}
            label={t`Keep chats on this device for reading offline`}
            checked={on}
            disabled={!possible}
            onChange={turn}
          />
        </Setting>
        {on ? (
          <Setting
            name={<Trans>Kept now</Trans>}
            hint={
              size.data ? (
                <>
                  <Plural value={size.data.chats} one="# chat" other="# chats" /> ·{" "}
                  {fileSize(i18n, size.data.bytes)}
                </>
              ) : (
                <Trans>The newest chats are being fetched.</Trans>
              )
            }
          >
            <Button small onClick={() => void erase().catch(failed)}>
              <Trans>Erase now</Trans>
            </Button>
          </Setting>
        ) : null}
      </div>
    </section>
  );
}
