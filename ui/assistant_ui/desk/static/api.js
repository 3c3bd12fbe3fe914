// The JSON API: one way to call it, with the session's CSRF token, and errors that say which kind they are.

import { askToSignIn } from "./sign_in_dialog.js";

const ROOT = "/v1/helpdesk";
const GONE = new Set([500, 502, 503, 504]);

/** The service said no, and why. */
export class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** The service, or its database, does not answer. */
export class Gone extends Error {}

let session = null;
let signingIn = null;

export const me = () => session?.user ?? null;
export const may = (permission) => Boolean(session?.user.permissions.includes(permission));

/** Who is signed in; leaves for the sign-in page where nobody is. Waits for a service that does not answer. */
export async function start() {
  for (let pause = 1000; ; pause = Math.min(pause * 2, 15000)) {
    try {
      session = await send("GET", "/session");
      return session.user;
    } catch (error) {
      if (error.status === 401) return leave();
      if (!(error instanceof Gone)) throw error;
      document.dispatchEvent(new CustomEvent("desk:gone"));
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

function leave() {
  location.replace(`/desk/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  return new Promise(() => {});
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const put = (path, body) => call("PUT", path, body);
export const patch = (path, body) => call("PATCH", path, body);
export const remove = (path) => call("DELETE", path);

export async function signIn(email, password) {
  session = await send("POST", "/session", { email, password });
  return session.user;
}

export async function signOut() {
  await call("DELETE", "/session");
  location.assign("/desk/sign-in");
}

async function call(method, path, body) {
  try {
    return await send(method, path, body);
  } catch (error) {
    if (error.status === 401) await signInAgain();
    else if (!(error.status === 403 && method !== "GET" && (await hasNewToken()))) throw error;
    return send(method, path, body);
  }
}

/** Signed in again in another tab: then the token of this page is old, and the request is worth repeating. */
async function hasNewToken() {
  const before = session?.csrf;
  session = await send("GET", "/session");
  return session.csrf !== before;
}

/** One dialog on top of the page, whatever many requests found the session over. */
function signInAgain() {
  const before = me();
  signingIn ??= askToSignIn(before, {
    signIn,
    again: async () => {
      session = await send("GET", "/session");
      return session.user;
    },
  }).finally(() => {
    signingIn = null;
  });
  return signingIn.then((user) => {
    if (before && user.id !== before.id) location.reload();
  });
}

async function send(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET" && session) headers["X-CSRF-Token"] = session.csrf;
  const address = /^\/(v1|desk)\//.test(path) ? path : ROOT + path;
  let response;
  try {
    response = await fetch(address, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    throw new Gone("The service does not answer.");
  }
  return read(response);
}

async function read(response) {
  const text = await response.text().catch(() => {
    throw new Gone("The service stopped in the middle of its answer.");
  });
  let body = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    /* a proxy's page, not ours */
  }
  if (response.ok) return body;
  const said = body?.detail ?? response.statusText;
  if (GONE.has(response.status)) throw new Gone(said);
  throw new Refusal(response.status, said);
}
