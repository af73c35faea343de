/** The one HTTP client: typed by the contract, errors as ApiError, an idempotency key on every write. */
import createClient, { type Middleware } from "openapi-fetch";
import { isSignedOut, problemOf, Unreachable } from "./errors";
import type { paths } from "./schema";

type SignedOut = () => void;
let onSignedOut: SignedOut = () => {};

/** Called once when the server says that the session is over. */
export function whenSignedOut(listener: SignedOut): void {
  onSignedOut = listener;
}

/** The session was ended here. */
export const signedOut = () => onSignedOut();

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

const rules: Middleware = {
  onRequest({ request }) {
    if (!SAFE.has(request.method) && !request.headers.has("Idempotency-Key")) {
      request.headers.set("Idempotency-Key", crypto.randomUUID());
    }
    // the server wants a JSON content type on every write, also on one without a body
    if (!SAFE.has(request.method) && !request.headers.has("Content-Type")) {
      request.headers.set("Content-Type", "application/json");
    }
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return undefined;
    const error = await problemOf(response);
    if (isSignedOut(error)) onSignedOut();
    throw error;
  },
  onError({ error }) {
    return error instanceof DOMException && error.name === "AbortError" ? error : new Unreachable(error);
  },
};

export const api = createClient<paths>({ baseUrl: "" });
api.use(rules);

/** The body of a successful answer. Errors were thrown by the client already. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}
