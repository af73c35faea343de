/** Errors of the server as problem+json, and the network's own. */

export interface Problem {
  status: number;
  code: string;
  message: string;
  next_step: string;
  retryable: boolean;
  params: Record<string, unknown>;
  request_id?: string;
  fields?: { path: string; message: string }[];
}

/** The server answered, but not with what was asked for. `code` is stable, see src/freehold/errors.py. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
    this.name = "ApiError";
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** The session is over: what was asked for can be asked for again after signing in. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.code === "not_signed_in";
}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super("The server cannot be reached.", { cause });
    this.name = "Unreachable";
  }
}

/** The server is away, and what was asked for is not kept on this device. */
export class NotKept extends Unreachable {
  constructor(cause: unknown) {
    super(cause);
    this.name = "NotKept";
  }
}

/** The server is away, so the session could not be ended; what was on this device is erased. */
export class StillSignedIn extends Unreachable {
  constructor(cause: unknown) {
    super(cause);
    this.name = "StillSignedIn";
  }
}

/** The storage of this browser did not take or erase what is kept on this device. */
export class StorageFailed extends Error {
  constructor(cause: unknown) {
    super("The storage of this browser failed.", { cause });
    this.name = "StorageFailed";
  }
}

/** Reads an error response; a proxy's HTML page becomes a problem, too. */
export async function problemOf(response: Response): Promise<ApiError> {
  const fallback: Problem = {
    status: response.status,
    code: "internal_error",
    message: response.statusText || `HTTP ${response.status}`,
    next_step: "",
    retryable: response.status >= 500,
    params: {},
  };
  try {
    const body = (await response.json()) as Partial<Problem>;
    return new ApiError({ ...fallback, ...body, status: response.status });
  } catch {
    return new ApiError(fallback);
  }
}
