import "@/styles/moving.css";
import { Trans } from "@lingui/react/macro";
import { useImports } from "@/api/imports";
import { Loaded, Page } from "@/features/settings/page";
import { AllChats } from "./all-chats";
import { ExportAll } from "./export-all";
import { ImportDrop } from "./import-drop";
import { ImportRow } from "./import-row";
import { ShareList } from "./share-list";

/** Chats from elsewhere, and one's own on the way out. */
export function MovingPage() {
  const query = useImports();
  return (
    <Page
      title={<Trans>Import and export</Trans>}
      lead={<Trans>Bring your chats from another product, or take them with you. They are yours.</Trans>}
    >
      <section aria-labelledby="import-head">
        <h2 id="import-head" className="moving-head">
          <Trans>Import</Trans>
        </h2>
        <ImportDrop />
        <Loaded query={query} bones={[70]}>
          {(imports) =>
            imports.length > 0 ? (
              <ul className="card rows moving-rows">
                {imports.map((item) => (
                  <ImportRow key={item.id} item={item} />
                ))}
              </ul>
            ) : null
          }
        </Loaded>
      </section>
      <section aria-labelledby="export-head">
        <h2 id="export-head" className="moving-head">
          <Trans>Export</Trans>
        </h2>
        <ExportAll />
      </section>
      <section aria-labelledby="shares-head">
        <h2 id="shares-head" className="moving-head">
          <Trans>Shared links</Trans>
        </h2>
        <ShareList />
      </section>
      <section aria-labelledby="all-head">
        <h2 id="all-head" className="moving-head">
          <Trans>All chats</Trans>
        </h2>
        <AllChats />
      </section>
    </Page>
  );
}
