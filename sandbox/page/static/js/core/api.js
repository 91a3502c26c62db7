/** The world's HTTP API. Every failure becomes an ApiError whose text can be shown as it is. */

export class ApiError extends Error {
  /** @param {string} text @param {number} status 0 when the sandbox could not be reached */
  constructor(text, status) {
    super(text);
    this.name = "ApiError";
    this.status = status;
  }
}

/** @param {string} path below /world @param {Record<string, any>} [query] */
export function get(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return ask(path + (search ? `?${search}` : ""), { method: "GET" });
}

/** @param {string} path below /world @param {Record<string, any>} body */
export function post(path, body) {
  return ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(`/world${path}`, { ...options, cache: "no-store" });
  } catch {
    throw new ApiError("The sandbox does not answer. Is it still running?", 0);
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    throw new ApiError(
      `The sandbox answered ${response.status} with something that is not JSON.`,
      response.status,
    );
  }
  if (!response.ok)
    throw new ApiError(answer?.error ?? `The sandbox answered ${response.status}.`, response.status);
  return answer;
}
