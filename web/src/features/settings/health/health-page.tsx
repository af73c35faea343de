import "@/styles/admin.css";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { RotateCcw } from "lucide-react";
import type { ReactNode } from "react";
import { resetDeployment, useHealth } from "@/api/health";
import type { DeploymentHealth } from "@/api/types";
import { Button } from "@/components/ui/button";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { activeLocale } from "@/i18n";
import { count } from "@/lib/format";
import { latency } from "../format";
import { Loaded, Page } from "../page";

/** How every model that is asked is doing: those behind each alias, then the others. */
export function HealthPage() {
  const query = useHealth();
  return (
    <Page
      title={<Trans>Health</Trans>}
      lead={
        <Trans>
          How the models that were asked are doing, as this server sees them since its start. Whoever fails
          rests for a while; others answer meanwhile.
        </Trans>
      }
    >
      <Loaded query={query} bones={[70, 60, 64]}>
        {(deployments) =>
          deployments.length ? (
            <Grouped deployments={deployments} />
          ) : (
            <p className="card pad quiet">
              <Trans>No model was asked since the server started, and there is no alias.</Trans>
            </p>
          )
        }
      </Loaded>
    </Page>
  );
}

function Grouped({ deployments }: { deployments: DeploymentHealth[] }) {
  const { t } = useLingui();
  const aliases = [...new Set(deployments.flatMap((one) => one.aliases))];
  const others = deployments.filter((one) => !one.aliases.length);
  return (
    <>
      {aliases.map((alias) => (
        <Deployments
          key={alias}
          id={`alias-${alias}`}
          title={<span className="mono">{alias}</span>}
          note={<Trans>alias</Trans>}
          items={deployments.filter((one) => one.aliases.includes(alias))}
        />
      ))}
      {others.length ? <Deployments id="asked-by-name" title={t`Asked by name`} items={others} /> : null}
    </>
  );
}

interface DeploymentsProps {
  id: string;
  title: ReactNode;
  note?: ReactNode;
  items: DeploymentHealth[];
}

function Deployments({ id, title, note, items }: DeploymentsProps) {
  return (
    <section aria-labelledby={id}>
      <div className="section-head first">
        <h2 id={id} className="big">
          {title}
        </h2>
        <span className="hint sm">{note}</span>
      </div>
      <ul className="card rows deployments">
        {items.map((item) => (
          <Deployment key={item.ref} item={item} />
        ))}
      </ul>
    </section>
  );
}

function Deployment({ item }: { item: DeploymentHealth }) {
  const { i18n, t } = useLingui();
  const report = useReport();
  const { ref, state, keys_resting: resting, keys } = item;
  const first = item.first_token_ms === null ? "–" : latency(item.first_token_ms);
  const speed =
    item.tokens_per_second === null ? "–" : i18n.number(item.tokens_per_second, { maximumFractionDigits: 1 });
  const reset = async () => {
    await resetDeployment(ref);
    toast(t`${ref} is asked again.`);
  };
  return (
    <li>
      <div className="deployment-name">
        <b className="mono break-all">{ref}</b>
        <State item={item} />
        {state !== "closed" || resting > 0 ? (
          <Button small onClick={() => void reset().catch(report)} aria-label={t`Ask again now: ${ref}`}>
            <RotateCcw className="i-14" />
            <Trans>Ask again now</Trans>
          </Button>
        ) : null}
      </div>
      <dl className="figures">
        <Figure name={<Trans>First token</Trans>}>{first}</Figure>
        <Figure name={<Trans>Tokens/s</Trans>}>{speed}</Figure>
        <Figure name={<Trans>Under way</Trans>}>{count(i18n, item.in_flight)}</Figure>
        <Figure name={<Trans>Waiting</Trans>}>{count(i18n, item.waiting)}</Figure>
        <Figure name={<Trans>Asked</Trans>}>{count(i18n, item.calls)}</Figure>
        {keys > 1 ? (
          <Figure name={<Trans>Keys</Trans>}>
            {keys - resting}/{keys}
          </Figure>
        ) : null}
      </dl>
    </li>
  );
}

function Figure({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Its circuit in words, and until when it rests. */
function State({
  item: { state, free_at: free, failures, keys_resting: resting, keys },
}: {
  item: DeploymentHealth;
}) {
  const until = free ? new Date(free).toLocaleTimeString(activeLocale()) : "";
  const failed = failures ? (
    <>
      {" · "}
      <Plural value={failures} one="# failure in a row" other="# failures in a row" />
    </>
  ) : null;
  if (state === "open")
    return (
      <span className="state sm">
        <i className="dot dot-fail" />
        {until ? <Trans>rests until {until}</Trans> : <Trans>rests</Trans>}
        {failed}
      </span>
    );
  if (state === "half_open")
    return (
      <span className="state sm">
        <i className="dot dot-warn" />
        <Trans>tried with one request</Trans>
        {failed}
      </span>
    );
  if (resting > 0 && resting === keys)
    return (
      <span className="state sm">
        <i className="dot dot-warn" />
        {until ? <Trans>asked for a pause until {until}</Trans> : <Trans>asked for a pause</Trans>}
      </span>
    );
  return (
    <span className="state sm">
      <i className="dot dot-ok" />
      <Trans>answers</Trans>
      {failed}
    </span>
  );
}
