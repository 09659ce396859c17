/** Tries a step again when its failure may pass by itself. */

/** How often and how patiently; times in ms. */
export interface RetryPolicy {
  attempts: number;
  firstDelay: number;
  longestDelay: number;
  sleep: (milliseconds: number) => Promise<void>;
  /** From 0 to 1; spreads those who were refused at the same moment. */
  random: () => number;
}

/** Six attempts in about 30 s. */
export const PATIENT: RetryPolicy = {
  attempts: 6,
  firstDelay: 1_000,
  longestDelay: 16_000,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random: Math.random,
};

const THROTTLED = /Throttl|TooManyRequests|LimitExceededException|RequestTimeout|ServiceUnavailable|SlowDown/;
const NETWORK =
  /ECONNRESET|ECONNREFUSED|ETIMEDOUT|EPIPE|EAI_AGAIN|UND_ERR_|TimeoutError|NetworkingError|socket hang up/;
/** What crane says about a registry that is busy, ill or not reached. */
const REGISTRY_ILL = new RegExp(
  [
    "TOOMANYREQUESTS|too many requests|unexpected status code (429|5\\d\\d)",
    "connection re(set|fused)|i/o timeout|TLS handshake timeout|unexpected EOF|no such host|broken pipe",
    "http2: (server sent GOAWAY|client connection lost)|context deadline exceeded",
  ].join("|"),
  "i",
);

/** Does the step, and again after a growing delay as long as its failure may pass. */
export async function retried<T>(step: () => Promise<T>, policy: RetryPolicy = PATIENT): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step();
    } catch (error) {
      if (attempt >= policy.attempts || !mayPass(error)) throw error;
      const longest = Math.min(policy.longestDelay, policy.firstDelay * 2 ** (attempt - 1));
      await policy.sleep((longest * (1 + policy.random())) / 2);
    }
  }
}

/** Whether the same step may succeed later: the other side was busy, ill or not reached. */
export function mayPass(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { name, code, message, stderr, cause, $metadata } = error as FailureFacts;
  const status = $metadata?.httpStatusCode;
  if (status === 429 || (status !== undefined && status >= 500)) return true;
  if (THROTTLED.test(String(name)) || NETWORK.test(`${String(name)} ${String(code)} ${String(message)}`))
    return true;
  return REGISTRY_ILL.test(String(stderr)) || mayPass(cause);
}

// An answer to HEAD has no body: there an expired token and a missing right look the same.
const UNAUTHORIZED =
  /UNAUTHORIZED|unexpected status code 401|authorization token has expired|HEAD \S+ unexpected status code 403/i;

/** Whether a registry may not have accepted the login, as it does when a token has expired. */
export function isUnauthorized(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { stderr, cause } = error as FailureFacts;
  return UNAUTHORIZED.test(String(stderr)) || isUnauthorized(cause);
}

/** What the SDK, node and the engine put into their errors. */
interface FailureFacts {
  name?: unknown;
  code?: unknown;
  message?: unknown;
  stderr?: unknown;
  cause?: unknown;
  $metadata?: { httpStatusCode?: number };
}
