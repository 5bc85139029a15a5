/** What can go wrong at a vendor's, as far as a publisher can tell. */
export const VENDOR_FAULTS = [
  /** The feed's address shows a web page: a maintenance notice with status 200. */
  'feed-html',
  /** The feed names a file that is not there. */
  'not-found',
  /** 429 with Retry-After for the feed and the files. */
  'busy',
  /** The file is damaged: other bytes than the feed's digest and the signature say. */
  'wrong-digest',
  /** The file is signed, by someone else. */
  'changed-signer',
  'unsigned',
  /** The connection ends in the middle of the file. */
  'truncated',
  /** The file trickles. */
  'slow',
  /** Who collects manifests of other people's releases names another digest than the vendor. */
  'second-vantage-differs',
] as const;

export type VendorFault = (typeof VENDOR_FAULTS)[number];

export const RETRY_AFTER_SECONDS = 1;

export const MAINTENANCE_PAGE = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Scheduled maintenance</title></head>
<body><h1>We will be back soon</h1><p>This service is being updated. Please try again later.</p></body>
</html>
`;
