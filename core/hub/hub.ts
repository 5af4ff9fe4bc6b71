/** Which hub, and who is allowed to see its token. Knows addresses; moves no bytes. */

/** A Hugging Face hub or a mirror of it. */
export interface Hub {
  /** Its address, e.g. `https://huggingface.co`. */
  endpoint: string;
  /** Sent to the endpoint's own origin only. */
  token?: string | undefined;
}

/** The headers of a request to `url`: the token if that is the hub itself, nothing for any other server. */
export function authorization(hub: Hub, url: string | URL): Record<string, string> {
  const own = hub.token !== undefined && new URL(url).origin === new URL(hub.endpoint).origin;
  return own ? { authorization: `Bearer ${hub.token}` } : {};
}
