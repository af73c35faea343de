/** Requests of the playground: answered as /v1 answers a key, on the strength of the session. */
import { Unreachable } from "./errors";
import type { paths } from "./schema";

type Path = paths["/api/playground/{dialect}"]["post"]["parameters"]["path"];

/** The raw response, whatever its status. Raises Unreachable, and an AbortError when `signal` ends it. */
export async function play(dialect: Path["dialect"], body: object, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(`/api/playground/${dialect}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Unreachable(error);
  }
}
