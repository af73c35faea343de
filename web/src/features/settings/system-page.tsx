import { Trans, useLingui } from "@lingui/react/macro";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useSystem } from "@/api/system";
import type { System } from "@/api/types";
import { activeLocale } from "@/i18n";
import { bytes, duration } from "./format";
import { Loaded, Page } from "./page";

const DATABASES: Record<string, string> = { sqlite: "SQLite", postgresql: "PostgreSQL" };

/** What runs here: version, database, storage. */
export function SystemPage() {
  const query = useSystem();
  return (
    <Page title={<Trans>System</Trans>} lead={<Trans>What runs here, and how much room it has.</Trans>}>
      <Loaded query={query} bones={[40, 52, 36, 60, 48]}>
        {(system) => <Facts system={system} />}
      </Loaded>
    </Page>
  );
}

function Facts({ system }: { system: System }) {
  const { t } = useLingui();
  const used = system.storage_total - system.storage_free;
  const scarce = system.storage_free < 0.05 * system.storage_total;
  const free = bytes(system.storage_free);
  const total = bytes(system.storage_total);
  return (
    <>
      {system.config_error ? (
        <div className="note mb-6" role="alert">
          <TriangleAlert />
          <span>
            <Trans>freehold.yaml was not taken over: {system.config_error}</Trans>
          </span>
        </div>
      ) : null}
      <dl className="system-facts">
        <Fact name={<Trans>Version</Trans>}>Freehold {system.version}</Fact>
        <Fact name={<Trans>Running for</Trans>}>{duration(system.uptime, activeLocale())}</Fact>
        <Fact name={<Trans>Address</Trans>}>
          <span className="mono">{location.origin}</span>
        </Fact>
        <Fact name={<Trans>Database</Trans>}>
          {DATABASES[system.database] ?? system.database} {system.database_version}
        </Fact>
        <Fact name={<Trans>Schema</Trans>}>
          <span className="mono">{system.schema_revision ?? "–"}</span>
        </Fact>
        <Fact name={<Trans>Data</Trans>}>
          <span className="mono break-all">{system.data_dir}</span>
        </Fact>
        <Fact name={<Trans>Disk</Trans>}>
          <span className={scarce ? "text-warning" : ""}>
            <Trans>
              {free} of {total} free
            </Trans>
          </span>
          <meter
            className="disk"
            aria-label={t`Disk in use`}
            min={0}
            max={Math.max(1, system.storage_total)}
            high={0.95 * system.storage_total}
            value={used}
            title={t`${free} of ${total} free`}
          />
        </Fact>
        <Fact name={<Trans>Settings file</Trans>}>
          {system.config ? (
            <span className="mono break-all">{system.config}</span>
          ) : (
            <span className="quiet">
              <Trans>none, the defaults and the environment hold</Trans>
            </span>
          )}
        </Fact>
        <Fact name="Python">{system.python}</Fact>
      </dl>
    </>
  );
}

function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
