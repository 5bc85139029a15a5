/**
 * The site refuses a catalog or the content of an update. `status` is the status message id or string that Microsoft's
 * pages give for it, null where they give none.
 */
export class SiteRefusal extends Error {
  override readonly name = 'SiteRefusal';
  constructor(
    readonly status: number | string | null,
    text: string,
  ) {
    super(status === null ? text : `${status}: ${text}`);
  }
}
