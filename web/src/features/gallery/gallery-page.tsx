import "./gallery.css";
import { Trans, useLingui } from "@lingui/react/macro";
import { Images } from "lucide-react";
import { useState } from "react";
import { fileAddress } from "@/api/files";
import { deletePicture, type Origin, usePictures } from "@/api/pictures";
import type { GalleryPicture } from "@/api/types";
import { Header } from "@/app/header";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/dialog";
import { Tabs } from "@/components/ui/tabs";
import { toast } from "@/components/ui/toast";
import { useReport } from "@/features/errors/report";
import { PictureDialog } from "./picture-dialog";

type Which = "all" | Origin;

/** Every picture of one's chats, newest first; one opens large. */
export function GalleryPage() {
  const { t } = useLingui();
  const report = useReport();
  const [which, setWhich] = useState<Which>("all");
  const [open, setOpen] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<string | null>(null);
  const query = usePictures(which === "all" ? null : which);
  const pictures = query.data?.pages.flatMap((page) => page.items) ?? [];
  const at = pictures.findIndex(({ file }) => file.id === open);
  const shown = pictures[at];
  const step = (by: number) => {
    const next = pictures[at + by];
    if (next) setOpen(next.file.id);
    else if (by > 0 && query.hasNextPage)
      void query.fetchNextPage().then(({ data }) => {
        const more = data?.pages.flatMap((page) => page.items)[at + by];
        if (more) setOpen((now) => (now === open ? more.file.id : now));
      });
  };
  const remove = async (id: string) => {
    const beside = pictures[at + 1] ?? pictures[at - 1];
    await deletePicture(id);
    setOpen(beside?.file.id ?? null);
    toast(t`The picture was deleted`);
  };
  return (
    <main className="main" id="main">
      <title>{`${t`Pictures`} · Freehold`}</title>
      <Header>
        <h1 className="playground-title search-title">
          <Trans>Pictures</Trans>
        </h1>
      </Header>
      <div className="thread scroll">
        <div className="column gallery">
          <Tabs<Which>
            label={t`Which pictures`}
            value={which}
            onChange={setWhich}
            tabs={[
              { value: "all", label: <Trans>All</Trans> },
              { value: "drawn", label: <Trans>Drawn</Trans> },
              { value: "attached", label: <Trans>Attached</Trans> },
            ]}
          />
          {query.isPending ? <Empty /> : null}
          {query.isError && !query.data ? (
            <p className="quiet py-8">
              <Trans>The pictures could not be loaded.</Trans>{" "}
              <Button small onClick={() => void query.refetch()}>
                <Trans>Try again</Trans>
              </Button>
            </p>
          ) : null}
          {query.isSuccess && pictures.length === 0 ? <NoPictures which={which} /> : null}
          {pictures.length > 0 ? (
            <ul className="gallery-grid">
              {pictures.map((picture) => (
                <Tile key={picture.file.id} picture={picture} onOpen={() => setOpen(picture.file.id)} />
              ))}
            </ul>
          ) : null}
          {query.hasNextPage ? (
            <div className="section-foot">
              <Button small disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                <Trans>Show more</Trans>
              </Button>
            </div>
          ) : null}
        </div>
      </div>
      {shown ? (
        <PictureDialog
          picture={shown}
          onClose={() => setOpen(null)}
          onDelete={() => setDoomed(shown.file.id)}
          onBefore={at > 0 ? () => step(-1) : undefined}
          onNext={at < pictures.length - 1 || query.hasNextPage ? () => step(1) : undefined}
        />
      ) : null}
      <Confirm
        open={doomed !== null}
        onOpenChange={() => setDoomed(null)}
        title={<Trans>Delete this picture for good?</Trans>}
        action={<Trans>Delete</Trans>}
        onConfirm={() => doomed && void remove(doomed).catch(report)}
      >
        <Trans>It goes from every message and every shared link that shows it. This cannot be undone.</Trans>
      </Confirm>
    </main>
  );
}

/** What a picture is called where it has no words. */
export function captionOf({ prompt, file }: GalleryPicture): string {
  return prompt.split("\n", 1)[0]?.trim() || file.name;
}

function Tile({ picture, onOpen }: { picture: GalleryPicture; onOpen: () => void }) {
  const { t } = useLingui();
  const caption = captionOf(picture);
  return (
    <li>
      <button type="button" className="gallery-tile" aria-label={t`Show ${caption}`} onClick={onOpen}>
        <img src={fileAddress(picture.file.id, "thumb")} alt="" loading="lazy" />
      </button>
    </li>
  );
}

function Empty() {
  const { t } = useLingui();
  return (
    <div className="gallery-grid" role="status" aria-label={t`Loading`}>
      {[0, 1, 2, 3, 4, 5, 6, 7].map((one) => (
        <span key={one} className="gallery-tile is-empty" />
      ))}
    </div>
  );
}

function NoPictures({ which }: { which: Which }) {
  return (
    <div className="gallery-none">
      <Images />
      <p>
        {which === "attached" ? (
          <Trans>No picture was attached to a chat yet.</Trans>
        ) : which === "drawn" ? (
          <Trans>No model drew a picture yet.</Trans>
        ) : (
          <Trans>There are no pictures in your chats yet.</Trans>
        )}
      </p>
      <p className="hint sm">
        <Trans>Attach one to a message, or pick an image model and say what to draw.</Trans>
      </p>
    </div>
  );
}
