/**
 * The part of Gitea's configuration that says what webhooks may call: the internet, and the platform at its one port.
 * A list of allowed hosts knows no ports, and would open every other program there too. What Gitea takes for the proxy of
 * webhooks it lets through by host and port; as a proxy it is used for a host that does not exist.
 *
 * @param platform where Gitea reaches the platform. @example "http://127.0.0.1:4401"
 */
export function webhooks(platform: string): string {
  return `[webhook]
ALLOWED_HOST_LIST = external
PROXY_URL = ${platform}
PROXY_HOSTS = none.invalid
`;
}
