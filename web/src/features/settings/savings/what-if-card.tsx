import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useId, useState } from "react";
import { useWhatIf } from "@/api/savings";
import type { WhatIf } from "@/api/types";
import { count } from "@/lib/format";
import { Loaded } from "../page";
import { percent, signed } from "./words";

const LEAST = 50; // percent; where the floor is not lower already, the house answers everything below it
const SETTLED_MS = 250;

/** The last seven days at another quality floor, from what was stored of each choice. */
export function WhatIfCard() {
  const [floor, setFloor] = useState<number | null>(null);
  const settled = useSettled(floor);
  const query = useWhatIf(settled);
  return (
    <section className="card pad what-if" aria-labelledby="what-if">
      <h2 id="what-if">
        <Trans>What if</Trans>
      </h2>
      <p className="quiet sm">
        <Trans>Replays the last seven days at another quality floor. Nothing changes by it.</Trans>
      </p>
      <Loaded query={query}>
        {(found) => (
          <>
            <Followed found={found} />
            <Slider now={found.current_floor} value={floor ?? found.current_floor} onChange={setFloor} />
            <Outcome found={found} />
          </>
        )}
      </Loaded>
    </section>
  );
}

/** Where the settings say how much may go out, so that nobody sets the floor by hand. */
function Followed({ found }: { found: WhatIf }) {
  const { i18n } = useLingui();
  if (found.share_premium === null || found.share_premium === undefined) return null;
  const share = percent(i18n, found.share_premium);
  return (
    <p className="sm">
      {found.followed ? (
        <Trans>The floor follows by itself: premium models give at most {share} of Auto's answers.</Trans>
      ) : (
        <Trans>
          Premium models are to give at most {share} of Auto's answers. The floor follows once there are
          enough answers of the last seven days.
        </Trans>
      )}
    </p>
  );
}

function Slider({ now, value, onChange }: { now: number; value: number; onChange: (floor: number) => void }) {
  const { i18n } = useLingui();
  const id = useId();
  const two = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const acting = i18n.number(now, two);
  const least = Math.min(LEAST, Math.round(now * 100));
  const at = (floor: number) => Math.max(0, Math.min(1, (floor * 100 - least) / (100 - least)));
  return (
    <>
      <label className="row what-if-label" htmlFor={id}>
        <span className="grow">
          <Trans>Quality floor</Trans>
        </span>
        <span className="hint sm">
          <Trans>now {acting}</Trans>
        </span>
        <b>{i18n.number(value, two)}</b>
      </label>
      <div className="slider">
        <input
          id={id}
          className="range"
          type="range"
          min={least}
          max={100}
          value={Math.round(value * 100)}
          aria-valuetext={i18n.number(value, two)}
          onChange={(event) => onChange(Number(event.target.value) / 100)}
          style={{ "--at": at(value) } as React.CSSProperties}
        />
        <span className="now" style={{ "--at": at(now) } as React.CSSProperties} aria-hidden="true" />
      </div>
      <div className="row hint xs">
        <span className="grow">
          <Trans>cheaper</Trans>
        </span>
        <span>
          <Trans>closer to premium</Trans>
        </span>
      </div>
    </>
  );
}

function Outcome({ found }: { found: WhatIf }) {
  const { i18n } = useLingui();
  const floor = i18n.number(found.quality_floor, { minimumFractionDigits: 2 });
  const calls = count(i18n, found.calls);
  const moved = count(i18n, found.moved);
  const stuck = count(i18n, found.not_replayed);
  if (found.calls === 0)
    return (
      <p className="hint sm">
        <Trans>Auto decided nothing in these days.</Trans>
      </p>
    );
  return (
    <div role="status">
      <table className="plain-figures">
        <thead>
          <tr>
            <td />
            <th scope="col" className="num">
              <Trans>Now</Trans>
            </th>
            <th scope="col" className="num">
              <Trans>At {floor}</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">
              <Trans context="money">Saved</Trans>
            </th>
            <td className="num">{percent(i18n, found.now.saved_share)}</td>
            <td className="num strong">{percent(i18n, found.then.saved_share)}</td>
          </tr>
          <tr>
            <th scope="row">
              <Trans>In dollars</Trans>
            </th>
            <td className="num">{signed(i18n, found.now.saved_usd)}</td>
            <td className="num strong">{signed(i18n, found.then.saved_usd)}</td>
          </tr>
          <tr>
            <th scope="row">
              <Trans>Premium share</Trans>
            </th>
            <td className="num">{percent(i18n, found.now.premium_share, 1)}</td>
            <td className="num strong">{percent(i18n, found.then.premium_share, 1)}</td>
          </tr>
        </tbody>
      </table>
      <p className="hint sm">
        <Trans>
          Of {calls} that Auto decided, {moved} would go to another model.
        </Trans>{" "}
        {found.not_replayed ? <Trans>So many cannot be replayed: {stuck}.</Trans> : null}
      </p>
    </div>
  );
}

/** The value once nobody has moved it for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
