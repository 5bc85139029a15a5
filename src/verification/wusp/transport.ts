export interface WuspAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** How a client reaches its update server. Both throw RetryableError `cmg.unreachable` when there is no answer. */
export interface WuspTransport {
  post(address: string, headers: Readonly<Record<string, string>>, body: string): Promise<WuspAnswer>;
  get(address: string, headers: Readonly<Record<string, string>>, maxBytes: number): Promise<WuspAnswer>;
}
