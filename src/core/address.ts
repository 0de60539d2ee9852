/** "host:port" as URLs have it: an IPv6 address stands in brackets. */
export function formatAuthority({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
