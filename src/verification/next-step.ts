import type { CanaryAnswer } from '../core/publication.js';

/** What mends a client's refusal, by the HRESULT it reports (configmgr-catalog 5, wsus-publishing 6.3). */
const BY_HRESULT: Readonly<Record<string, string>> = {
  '0x800B0109':
    'Administration > Client Settings > Software Updates > "Enable third-party software updates" = Yes, which brings the WSUS signing certificate to clients; a self-signed one must also reach their Trusted Root; then sync',
  '0x800B0004':
    'Administration > Client Settings > Software Updates > "Enable third-party software updates" = Yes, which brings the WSUS signing certificate to Trusted Publishers of clients; then sync',
  '0x800B0100': 'the content has lost its signature on its way: look at virus scanner and proxy, then repair',
  '0x80246002': 'the content on the CMG is damaged: distribute the deployment package to it again, then sync',
  '0x80246008':
    'the content is not to be had on the CMG: check the distribution status of the deployment package, and that Administration > Client Settings > Software Updates > "Allow clients to download delta content when available" = No for devices behind the CMG; then sync',
  '0x80240022': 'run the command of the definition by hand on a client and look at its exit code',
};

/** For what the clients saw instead of what they should. */
export function nextStepFor(answers: readonly CanaryAnswer[]): string {
  for (const { detail } of answers) {
    const known = BY_HRESULT[/^(0x[0-9A-F]{8})\b/.exec(detail ?? '')?.[1] ?? ''];
    if (known !== undefined) return known;
  }
  return 'compare the detection of the definition with what the installer writes';
}
