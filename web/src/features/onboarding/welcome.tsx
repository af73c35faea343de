import "@/styles/settings.css";
import "@/styles/welcome.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef } from "react";
import { useMe } from "@/api/bootstrap";
import { useWelcome } from "@/api/welcome";
import { Bones } from "@/components/ui/bones";
import { Mark } from "@/components/ui/mark";
import { type Begin, BuiltInWay } from "./built-in-way";
import { KeyWay } from "./key-way";
import { OllamaWay } from "./ollama-way";

/** From nothing to the first answer, in three ways; the composer below stays usable. */
export function Welcome({ onBegin }: { onBegin: Begin }) {
  const { t } = useLingui();
  const { role } = useMe();
  const { data: welcome } = useWelcome();
  const greeting = useRef<HTMLDivElement>(null);
  // the focused composer stands below the fold of a small screen; one begins at the top all the same
  const known = welcome !== undefined;
  useEffect(() => {
    if (known) greeting.current?.closest(".scroll")?.scrollTo({ top: 0 });
  }, [known]);
  if (role !== "admin") return <AskAdministrator />;
  return (
    <>
      <div className="hello" ref={greeting}>
        <Mark />
        <h1 className="serif">
          <Trans>Your AI, at home with you</Trans>
        </h1>
        <p>
          <Trans>Three ways to begin; one is enough. The others can be added at any time.</Trans>
        </p>
      </div>
      <div className="ways" aria-busy={!welcome}>
        {welcome ? (
          <>
            <BuiltInWay embedded={welcome.embedded} onBegin={onBegin} />
            <OllamaWay welcome={welcome} />
            <KeyWay />
          </>
        ) : (
          [t`Built-in model`, "Ollama", t`Paste a key`].map((name) => (
            <section key={name} className="card way" aria-label={name}>
              <Bones widths={[50, 90, 76, 84]} />
            </section>
          ))
        )}
      </div>
    </>
  );
}

function AskAdministrator() {
  return (
    <div className="hello">
      <Mark />
      <h1 className="serif">
        <Trans>No model yet</Trans>
      </h1>
      <p>
        <Trans>An administrator of this server has to connect one. Then you can begin here.</Trans>
      </p>
    </div>
  );
}
